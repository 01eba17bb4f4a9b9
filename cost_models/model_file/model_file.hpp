// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <nlohmann/json.hpp>

namespace sotto::model_file {

/// The container of every trained cost model (docs/model_files.md):
///
///     sotto-model/1 xxh3-128=<32 hex digits> header-bytes=<n> payload-bytes=<n>\n
///     header, JSON
///     payload: the values of the tensors, little endian, one after the other
///
/// The checksum is XXH3 with 128 bits over header and payload.

inline constexpr std::size_t most_file_bytes = std::size_t{320} << 20U;
inline constexpr std::size_t most_header_bytes = std::size_t{4} << 20U;
inline constexpr std::size_t most_tensors = 4096;
inline constexpr std::size_t most_dimensions = 8;

/// A named array of numbers, the last index running fastest. `values` holds as many as the product of `shape`; a shape
/// without dimensions is a single number. All finite.
struct Tensor {
    std::string name;
    std::vector<std::uint64_t> shape;
    std::variant<std::vector<float>, std::vector<double>> values;

    friend bool operator==(const Tensor&, const Tensor&) = default;
};

/// One measurement table that the model was fitted to.
struct DataSource {
    std::string name;           ///< of the table
    std::string source;         ///< who measured what and where it is published
    std::int64_t networks = 0;  ///< 1 or more, runs and rows too
    std::int64_t runs = 0;      ///< of all networks together
    std::int64_t rows = 0;      ///< operations of all runs
    std::string hash;           ///< XXH3-128 of the table's bytes, 32 hexadecimal digits

    friend bool operator==(const DataSource&, const DataSource&) = default;
};

/// Errors on times that the model had not seen, or (split `none`) on those it was fitted to.
struct HeldOutError {
    std::string split;  ///< rows, config, network or none
    std::string of;     ///< layer type, or `network`: whole networks
    std::string role;   ///< client or server
    std::int64_t count = 0;
    double r2 = 0;            ///< NaN where it has no meaning; beyond 1e15 to either side it is written as that
    double mae_ms = 0;        ///< mean absolute error
    double bias_percent = 0;  ///< of the sum, signed; NaN where it was not computed; written as R2 is

    friend bool operator==(const HeldOutError&, const HeldOutError&) = default;
};

/// The secure engine whose times the model predicts.
struct EngineProfile {
    std::string name;           ///< `opencheetah-2022`
    nlohmann::json parameters;  ///< object: bit length, threads and what else the model relies on

    friend bool operator==(const EngineProfile&, const EngineProfile&) = default;
};

struct ModelFile {
    std::string model;               ///< id of the cost model: analytical, protocol, mlp, lstm
    std::int64_t model_version = 1;  ///< of `parameters` and tensors; the model checks it
    std::string setting;             ///< local, lan or wan
    double bandwidth_mbps = 0;       ///< of the link, in each direction, 10^6 bits a second; infinity: one machine
    double rtt_ms = 0;
    std::vector<std::string> roles;  ///< client, server or both
    EngineProfile engine;
    std::vector<DataSource> data;  ///< at least one
    std::string split;             ///< for people: how `held_out` was computed (folds, seeds)
    std::vector<HeldOutError> held_out;
    std::vector<std::string> features;  ///< names of what the model computes with
    std::string date;                   ///< when it was made, 2022-12-31
    std::uint64_t seed = 0;             ///< of the training
    std::string trained_with;           ///< program and version
    nlohmann::json parameters;          ///< object: whatever the model needs besides; the model checks it
    std::vector<Tensor> tensors;
};

/// Reads a model file. A file that cannot be read, is no regular file, is damaged, cut short, too large, of another
/// format or version, or whose header lacks a key, has an unknown or doubled one or a value out of range is refused
/// with input::InputError, which names the file, what was found and what was expected. Time and memory are at most
/// proportional to the bytes of the file, of which no more than most_file_bytes are read, whatever sizes it claims; a
/// byte of the header can take a hundred of memory. What `parameters` means is left to the model.
ModelFile read_model_file(const std::filesystem::path& path);

/// The same from bytes; `name` stands for the file in errors.
ModelFile parse_model_file(std::string_view bytes, const std::string& name);

/// The bytes of a model file: a function of the model alone. Throws std::invalid_argument for a model that
/// parse_model_file would refuse.
std::string to_bytes(const ModelFile& model);

/// Writes it whole or not at all: a temporary file beside it, renamed. Throws run::RunError where the system refuses.
void write_model_file(const ModelFile& model, const std::filesystem::path& path);

/// The tensor of this name, with this shape and type; an absent one and another shape or type are input::InputErrors of
/// `name`, the file. Tensors that nobody asks for are the model's to refuse.
const std::vector<float>& float_tensor(const ModelFile& model, std::string_view tensor,
                                       const std::vector<std::uint64_t>& shape, const std::string& name);
const std::vector<double>& double_tensor(const ModelFile& model, std::string_view tensor,
                                         const std::vector<std::uint64_t>& shape, const std::string& name);

/// XXH3-128 of bytes as 32 lower-case hexadecimal digits, most significant first: DataSource::hash of a table's bytes.
std::string content_hash(std::string_view bytes);

}  // namespace sotto::model_file
