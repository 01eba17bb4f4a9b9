// SPDX-License-Identifier: Apache-2.0
#include "cost_models/learned/physical_file.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "cost_models/model_file/json_fields.hpp"
#include "engine/input/input_error.hpp"

namespace sotto::learned {
namespace {

constexpr double most_coefficient = 1e9;
constexpr std::array<const char*, training::role_count> role_names = {"client", "server"};

void add(const std::string& name, std::vector<std::uint64_t> shape, std::vector<double> values,
         model_file::ModelFile& file) {
    file.tensors.push_back({name, std::move(shape), std::move(values)});
}

void add(const std::string& name, std::vector<std::uint64_t> shape, const std::vector<float>& values,
         model_file::ModelFile& file) {
    file.tensors.push_back({name, std::move(shape), values});
}

[[noreturn]] void refuse(const std::string& name, const std::string& problem, const std::string& found,
                         const std::string& expected) {
    throw input::InputError({{name, 0, 0}, problem, found, expected, {}});
}

void require_coefficients(const std::string& tensor, const std::vector<double>& values, const std::string& name) {
    for (const double value : values) {
        if (!(value >= 0 && value <= most_coefficient)) {
            refuse(name, "tensor '" + tensor + "' has a coefficient out of range", std::to_string(value), "0 to 1e9");
        }
    }
}

}  // namespace

void write_physical_times(const PhysicalTimes& times, model_file::ModelFile& file) {
    std::vector<double> known;
    for (std::size_t type = 0; type < layer_type_count; ++type) {
        known.push_back(times.knows(static_cast<LayerType>(type)) ? 1 : 0);
    }
    add("physical.known", {layer_type_count}, known, file);
    for (std::size_t role = 0; role < role_names.size(); ++role) {
        const PhysicalTimes::Role& one = times.of(static_cast<training::Role>(role));
        std::vector<double> own;
        for (const OwnTerms& terms : one.own) {
            own.insert(own.end(), terms.begin(), terms.end());
        }
        const std::string prefix = std::string("physical.") + role_names[role];
        add(prefix + ".own", {layer_type_count, most_own_terms}, own, file);
        add(prefix + ".wait", {wait_term_count}, std::vector<double>(one.wait.begin(), one.wait.end()), file);
    }
}

PhysicalTimes read_physical_times(const model_file::ModelFile& file, const std::string& name) {
    PhysicalTimes times;
    const std::vector<double>& known = model_file::double_tensor(file, "physical.known", {layer_type_count}, name);
    for (std::size_t type = 0; type < layer_type_count; ++type) {
        if (known[type] != 0 && known[type] != 1) {
            refuse(name, "tensor 'physical.known' has a value out of range", std::to_string(known[type]), "0 or 1");
        }
        if (known[type] == 1) {
            times.set_known(static_cast<LayerType>(type));
        }
    }
    for (std::size_t role = 0; role < role_names.size(); ++role) {
        PhysicalTimes::Role& one = times.of(static_cast<training::Role>(role));
        const std::string prefix = std::string("physical.") + role_names[role];
        const std::vector<double>& own =
            model_file::double_tensor(file, prefix + ".own", {layer_type_count, most_own_terms}, name);
        const std::vector<double>& wait = model_file::double_tensor(file, prefix + ".wait", {wait_term_count}, name);
        require_coefficients(prefix + ".own", own, name);
        require_coefficients(prefix + ".wait", wait, name);
        for (std::size_t type = 0; type < layer_type_count; ++type) {
            std::copy_n(own.begin() + static_cast<std::ptrdiff_t>(type * most_own_terms), most_own_terms,
                        one.own[type].begin());
        }
        std::copy(wait.begin(), wait.end(), one.wait.begin());
    }
    return times;
}

void write_scale(const std::string& tensor, const InputScale& scale, model_file::ModelFile& file) {
    add(tensor + ".mean", {scale.size()}, scale.mean(), file);
    add(tensor + ".factor", {scale.size()}, scale.factor(), file);
}

InputScale read_scale(const std::string& tensor, std::size_t inputs, const model_file::ModelFile& file,
                      const std::string& name) {
    const std::vector<double>& factor = model_file::double_tensor(file, tensor + ".factor", {inputs}, name);
    require_coefficients(tensor + ".factor", factor, name);
    return InputScale(model_file::double_tensor(file, tensor + ".mean", {inputs}, name), factor);
}

void write_layer(const std::string& tensor, const DenseLayer& layer, model_file::ModelFile& file) {
    add(tensor + ".weights", {layer.inputs, layer.outputs}, layer.weights, file);
    add(tensor + ".bias", {layer.outputs}, layer.bias, file);
}

DenseLayer read_layer(const std::string& tensor, std::size_t inputs, std::size_t outputs,
                      const model_file::ModelFile& file, const std::string& name) {
    DenseLayer layer{inputs, outputs, model_file::float_tensor(file, tensor + ".weights", {inputs, outputs}, name),
                     model_file::float_tensor(file, tensor + ".bias", {outputs}, name)};
    for (const std::vector<float>* const values : {&layer.weights, &layer.bias}) {
        for (const float value : *values) {
            if (!(std::fabs(value) <= DenseLayer::largest_weight)) {
                refuse(name, "tensors of '" + tensor + "' have a value out of range", std::to_string(value),
                       "-1e15 to 1e15");
            }
        }
    }
    return layer;
}

void expect_model(const model_file::ModelFile& file, std::string_view id, std::int64_t version,
                  const std::string& name) {
    if (file.model != id || file.model_version != version) {
        throw input::InputError({{name, 0, 0},
                                 "the file is of another model or version",
                                 file.model + " version " + std::to_string(file.model_version),
                                 std::string(id) + " version " + std::to_string(version),
                                 {}});
    }
}

double read_number(const model_file::ModelFile& file, const std::string& key, double least, double most,
                   const std::string& name) {
    return model_file::JsonFields(file.parameters, name, "parameters").number(key, least, most);
}

void refuse_other_tensors(const model_file::ModelFile& file, std::size_t expected_count, const std::string& name) {
    if (file.tensors.size() != expected_count) {
        refuse(name, "the model has tensors that its kind does not", std::to_string(file.tensors.size()),
               std::to_string(expected_count));
    }
}

}  // namespace sotto::learned
