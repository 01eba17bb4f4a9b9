// SPDX-License-Identifier: Apache-2.0
#include "tests/plugins/accuracy/proxy_library.hpp"

#include <dlfcn.h>

#include <atomic>
#include <stdexcept>

namespace sotto::accuracy_test {
namespace {

std::atomic<int> questions_left{-1};

std::int32_t is_cancelled(const sotto_host*) {
    const int left = questions_left.load();
    if (left < 0) {
        return 0;
    }
    if (left == 0) {
        return 1;
    }
    questions_left = left - 1;
    return 0;
}

void log(const sotto_host*, std::int32_t, const char*) {}

sotto_status refuse_parallel_for(const sotto_host*, std::uint32_t, void (*)(void*, std::uint32_t), void*) {
    return SOTTO_UNSUPPORTED;
}

const void* no_extension(const sotto_host*, const char*) {
    return nullptr;
}

const sotto_host host{.struct_size = sizeof(sotto_host),
                      .reserved = 0,
                      .host_data = nullptr,
                      .name = "test",
                      .log = log,
                      .is_cancelled = is_cancelled,
                      .parallel_for = refuse_parallel_for,
                      .get_extension = no_extension};

void keep_text(const sotto_error_sink* sink, const char* text) {
    *static_cast<std::string*>(sink->host_data) = text;
}

sotto_error_sink sink_into(std::string& text) {
    return {sizeof(sotto_error_sink), 0, &text, keep_text};
}

}  // namespace

Answer Proxy::evaluate(const sotto_network& network, std::uint64_t seed) const {
    return evaluate({{&network, seed}}).front();
}

std::vector<Answer> Proxy::evaluate(const std::vector<Candidate>& candidates) const {
    const std::size_t count = candidates.size();
    std::vector<Answer> answers(count);
    std::vector<sotto_candidate> inputs(count);
    std::vector<sotto_result> outputs(count);
    std::vector<sotto_error_sink> sinks(count);
    std::vector<const sotto_candidate*> input_pointers;
    std::vector<sotto_result*> output_pointers;
    for (std::size_t index = 0; index < count; ++index) {
        answers[index].metrics.assign(metric_count_, -12345);
        inputs[index] = {sizeof(sotto_candidate), 0, candidates[index].seed, candidates[index].network, nullptr};
        sinks[index] = sink_into(answers[index].text);
        outputs[index] = {sizeof(sotto_result), SOTTO_INTERNAL, answers[index].metrics.data(), nullptr, &sinks[index]};
        input_pointers.push_back(&inputs[index]);
        output_pointers.push_back(&outputs[index]);
    }
    std::string text;
    const sotto_error_sink sink = sink_into(text);
    const sotto_status status = instance_->evaluate_batch(
        instance_.get(), input_pointers.data(), output_pointers.data(), static_cast<std::uint32_t>(count), &sink);
    if (status != SOTTO_OK) {
        throw std::runtime_error("the call failed: " + text);
    }
    for (std::size_t index = 0; index < count; ++index) {
        answers[index].status = outputs[index].status;
    }
    return answers;
}

ProxyLibrary& ProxyLibrary::get() {
    static ProxyLibrary library;
    return library;
}

ProxyLibrary::ProxyLibrary() {
    void* const handle = dlopen(SOTTO_ACCURACY_MODULE, RTLD_NOW | RTLD_LOCAL);
    if (handle == nullptr) {
        throw std::runtime_error(dlerror());
    }
    entry_ = static_cast<const sotto_plugin_entry_v1*>(dlsym(handle, "sotto_plugin_entry"));
    if (entry_ == nullptr || entry_->abi_version != SOTTO_PLUGIN_ABI_VERSION) {
        throw std::runtime_error("sotto_plugin_entry is missing or of another version");
    }
    std::string text;
    const sotto_error_sink sink = sink_into(text);
    if (entry_->init(nullptr, &host, &sink) != SOTTO_OK) {
        throw std::runtime_error("init: " + text);
    }
    factory_ = entry_->get_factory(SOTTO_ACCURACY_PROXY_FACTORY);
}

const sotto_descriptor& ProxyLibrary::descriptor(const std::string& id) const {
    for (std::uint32_t index = 0; index < factory_->count(factory_); ++index) {
        const sotto_descriptor* const descriptor = factory_->descriptor(factory_, index);
        if (id == descriptor->id) {
            return *descriptor;
        }
    }
    throw std::runtime_error("no proxy " + id);
}

Proxy ProxyLibrary::create(const std::string& id, const std::map<std::string, std::string>& arguments,
                           std::string* problem) const {
    std::vector<sotto_argument> flat;
    std::vector<const sotto_argument*> pointers;
    flat.reserve(arguments.size());
    for (const auto& [name, value] : arguments) {
        pointers.push_back(&flat.emplace_back(sotto_argument{sizeof(sotto_argument), 0, name.c_str(), value.c_str()}));
    }
    std::string text;
    const sotto_error_sink sink = sink_into(text);
    Proxy proxy;
    sotto_instance* instance = nullptr;
    const sotto_status status = factory_->create(factory_, &host, id.c_str(), pointers.data(),
                                                 static_cast<std::uint32_t>(pointers.size()), &instance, &sink);
    proxy.instance_.reset(instance);
    if (status == SOTTO_OK) {
        proxy.metric_count_ = descriptor(id).metric_count;
    } else if (problem != nullptr) {
        *problem = text;
    }
    return proxy;
}

void ProxyLibrary::cancel_after(int questions) {
    questions_left = questions;
}

}  // namespace sotto::accuracy_test
