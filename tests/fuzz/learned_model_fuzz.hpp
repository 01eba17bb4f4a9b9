// SPDX-License-Identifier: Apache-2.0
// What the fuzz targets of mlp and lstm files have in common. The container has a target of its own, so the bytes are
// what is behind it: a JSON object with engine, parameters and the tensors' names and shapes, then, after the first
// NUL, 32-bit numbers that fill the tensors one after the other and over again.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cost_models/learned/predictor.hpp"
#include "cost_models/model_file/json_fields.hpp"
#include "engine/input/input_error.hpp"
#include "tests/fuzz/require.hpp"

namespace sotto::fuzz {

constexpr std::size_t most_values = std::size_t{1} << 18U;

class Numbers {
  public:
    explicit Numbers(std::string_view bytes) : bytes_(bytes) {}

    float next() {
        float value = 0.25F;
        if (bytes_.size() - place_ < sizeof value) {
            place_ = 0;
        }
        if (bytes_.size() >= sizeof value) {
            std::memcpy(&value, bytes_.data() + place_, sizeof value);
            place_ += sizeof value;
        }
        return std::isfinite(value) ? value : 0;  // the container lets no other in
    }

  private:
    std::string_view bytes_;
    std::size_t place_ = 0;
};

template <typename Value>
std::vector<Value> values(std::size_t count, Numbers& numbers) {
    std::vector<Value> result(count);
    for (Value& value : result) {
        value = static_cast<Value>(numbers.next());
    }
    return result;
}

// False where the bytes are not of the form above.
inline bool fill(std::string_view id, std::string_view bytes, model_file::ModelFile& file) {
    const std::size_t split = bytes.find('\0');
    Numbers numbers(split == std::string_view::npos ? std::string_view{} : bytes.substr(split + 1));
    nlohmann::json document;
    try {
        document = model_file::parse_json(std::string(bytes.substr(0, split)), "fuzz.model");
    } catch (const input::InputError&) {
        return false;
    }
    if (!document.is_object() || !document["engine"].is_string() || !document["engine_parameters"].is_object() ||
        !document["parameters"].is_object() || !document["tensors"].is_array()) {
        return false;
    }
    file.model = id;
    file.model_version = 1;
    file.setting = "lan";
    file.roles = {"client", "server"};
    file.engine = {document["engine"].get<std::string>(), document["engine_parameters"]};
    file.parameters = document["parameters"];
    std::size_t total = 0;
    for (const nlohmann::json& entry : document["tensors"]) {
        // ["name", is double, size, ...]
        if (!entry.is_array() || entry.size() < 2 || entry.size() > 2 + model_file::most_dimensions ||
            !entry[0].is_string() || !entry[1].is_boolean()) {
            return false;
        }
        model_file::Tensor tensor;
        tensor.name = entry[0].get<std::string>();
        std::size_t count = 1;
        for (std::size_t i = 2; i < entry.size(); ++i) {
            if (!entry[i].is_number_unsigned() || entry[i].get<std::uint64_t>() == 0 ||
                entry[i].get<std::uint64_t>() > most_values / count) {
                return false;
            }
            tensor.shape.push_back(entry[i].get<std::uint64_t>());
            count *= tensor.shape.back();
        }
        total += count;
        const bool is_new = std::none_of(file.tensors.begin(), file.tensors.end(),
                                         [&](const model_file::Tensor& one) { return one.name == tensor.name; });
        if (total > most_values || !is_new) {
            return false;
        }
        if (entry[1].get<bool>()) {
            tensor.values = values<double>(count, numbers);
        } else {
            tensor.values = values<float>(count, numbers);
        }
        file.tensors.push_back(std::move(tensor));
    }
    return true;
}

inline void sort_tensors(model_file::ModelFile& file) {
    std::sort(file.tensors.begin(), file.tensors.end(),
              [](const model_file::Tensor& left, const model_file::Tensor& right) { return left.name < right.name; });
}

inline sotto_operation operation(std::int32_t kind, std::int32_t channels, std::int32_t size) {
    sotto_operation result{};
    result.struct_size = sizeof result;
    result.kind = kind;
    result.input = result.output = {channels, size, size};
    result.window = {1, 1, 1, 1, 0, 0, 0, 0};
    result.elements = std::int64_t{channels} * size * size;
    return result;
}

// A model that was read answers every operation with a time or with a refusal.
inline void predict(const std::shared_ptr<const learned::Predictor>& predictor) {
    learned::Cursor cursor = predictor->start();
    for (std::int32_t kind = SOTTO_OPERATION_CONVOLUTION; kind <= SOTTO_OPERATION_ARGMAX; ++kind) {
        try {
            const training::RoleTimes times = predictor->step(operation(kind, 16, kind * 8), cursor);
            require(std::isfinite(times.client_ms) && times.client_ms >= 0 && std::isfinite(times.server_ms) &&
                        times.server_ms >= 0,
                    "a time that is none");
        } catch (const std::domain_error&) {
            continue;
        }
    }
}

/// The file is answered with an input::InputError, or is a model that predicts and that written is the file it was read
/// from. read(file, name), write(predictor, file).
template <typename Read, typename Write>
void check_model(std::string_view id, std::string_view bytes, const Read& read, const Write& write) {
    model_file::ModelFile file;
    if (!fill(id, bytes, file)) {
        return;
    }
    decltype(read(file, "fuzz.model")) predictor;
    try {
        predictor = read(file, "fuzz.model");
    } catch (const input::InputError& error) {
        require(error.parts().location.file == "fuzz.model" && !error.parts().problem.empty(),
                "an error without its file or reason");
        return;
    }
    predict(predictor);
    model_file::ModelFile again = file;
    write(*predictor, again);
    sort_tensors(file);
    sort_tensors(again);
    require(again.parameters == file.parameters && again.tensors == file.tensors,
            "written and read, the model has changed");
}

}  // namespace sotto::fuzz
