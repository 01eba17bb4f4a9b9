// SPDX-License-Identifier: Apache-2.0
#include "plugins/accuracy/border.hpp"

#include <algorithm>
#include <cstdint>
#include <exception>
#include <map>
#include <memory>
#include <new>
#include <string_view>
#include <vector>

#include "plugins/accuracy/blas_check.hpp"
#include "plugins/accuracy/candidate_error.hpp"
#include "plugins/accuracy/graph.hpp"
#include "plugins/accuracy/plug_ins.hpp"

namespace sotto::accuracy {
namespace {

// LibTorch's texts go on with a backtrace: the first line is the message.
sotto_status describe_exception(std::string& text) {
    try {
        throw;
    } catch (const CandidateError& error) {
        text = error.what();
        return error.status();
    } catch (const std::bad_alloc&) {
        text = "out of memory";
        return SOTTO_OUT_OF_MEMORY;
    } catch (const std::exception& error) {
        const std::string_view what = error.what();
        text = what.substr(0, what.find('\n'));
        return text.find("allocate memory") != std::string::npos ? SOTTO_OUT_OF_MEMORY : SOTTO_INTERNAL;
    } catch (...) {
        text = "an exception of unknown type";
        return SOTTO_INTERNAL;
    }
}

struct InstanceData {
    sotto_instance instance{};
    std::uint32_t metric_count = 0;
    const sotto_host* host = nullptr;
    std::unique_ptr<Evaluator> evaluator;
};

void score(const InstanceData& data, const sotto_candidate* candidate, sotto_result* result) {
    try {
        if (candidate == nullptr || candidate->network == nullptr || result->metrics == nullptr) {
            throw CandidateError(SOTTO_INVALID_ARGUMENT, "the candidate has no network, or the result no room");
        }
        stop_if_cancelled(data.host);
        std::vector<double> metrics(data.metric_count);
        data.evaluator->evaluate(Graph(*candidate->network), candidate->seed, metrics);
        std::copy(metrics.begin(), metrics.end(), result->metrics);
        result->status = SOTTO_OK;
    } catch (...) {
        result->status = report_exception(result->error);
    }
}

sotto_status evaluate_batch(sotto_instance* instance, const sotto_candidate* const* candidates,
                            sotto_result* const* results, std::uint32_t count, const sotto_error_sink* error) {
    try {
        use_one_thread();
        const auto& data = *static_cast<const InstanceData*>(instance->plugin_data);
        for (std::uint32_t index = 0; index < count; ++index) {
            score(data, candidates[index], results[index]);
        }
        return SOTTO_OK;
    } catch (...) {
        return report_exception(error);
    }
}

void destroy(sotto_instance* instance) {
    delete static_cast<InstanceData*>(instance->plugin_data);
}

const void* get_extension(const sotto_instance*, const char*) {
    return nullptr;
}

sotto_status create(const sotto_factory*, const sotto_host* host, const char* plugin_id,
                    const sotto_argument* const* arguments, std::uint32_t argument_count, sotto_instance** instance,
                    const sotto_error_sink* error) {
    try {
        std::map<std::string, std::string> parameters;
        for (std::uint32_t index = 0; index < argument_count; ++index) {
            parameters[arguments[index]->name] = arguments[index]->value;
        }
        auto data = std::make_unique<InstanceData>();
        data->metric_count = find_plug_in(plugin_id).descriptor.metric_count;
        data->host = host;
        data->evaluator = make_evaluator(plugin_id, parameters, host);
        data->instance = {.struct_size = sizeof(sotto_instance),
                          .reserved = 0,
                          .plugin_data = data.get(),
                          .destroy = destroy,
                          .evaluate_batch = evaluate_batch,
                          .get_extension = get_extension};
        *instance = &data.release()->instance;
        return SOTTO_OK;
    } catch (...) {
        return report_exception(error);
    }
}

std::uint32_t count(const sotto_factory*) {
    return static_cast<std::uint32_t>(plug_ins().size());
}

const sotto_descriptor* descriptor(const sotto_factory*, std::uint32_t index) {
    return index < plug_ins().size() ? &plug_ins()[index].descriptor : nullptr;
}

constexpr sotto_factory factory{
    .struct_size = sizeof(sotto_factory), .reserved = 0, .count = count, .descriptor = descriptor, .create = create};

}  // namespace

const sotto_factory* proxy_factory() {
    return &factory;
}

sotto_status report_exception(const sotto_error_sink* sink) {
    std::string text;
    const sotto_status status = describe_exception(text);
    if (sink != nullptr && sink->report != nullptr) {
        sink->report(sink, text.c_str());
    }
    return status;
}

}  // namespace sotto::accuracy
