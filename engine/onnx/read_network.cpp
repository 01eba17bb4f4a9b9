// SPDX-License-Identifier: Apache-2.0
#include "engine/onnx/read_network.hpp"

#include <onnx/onnx_pb.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "engine/input/input_error.hpp"
#include "engine/onnx/graph.hpp"
#include "engine/onnx/layers.hpp"

namespace sotto::onnx {
namespace {

using input::InputError;

[[noreturn]] void fail(const std::string& file, std::string problem, std::string found, std::string expected) {
    throw InputError({{file, 0, 0}, std::move(problem), std::move(found), std::move(expected), {}});
}

void check_size(const std::string& file, std::uintmax_t bytes) {
    if (bytes > static_cast<std::uintmax_t>(maximum_file_bytes)) {
        fail(file, "file is too large", std::to_string(bytes) + " bytes",
             "at most 1 GiB; weights may lie in external files");
    }
}

[[noreturn]] void fail_damaged(const std::string& file) {
    fail(file, "is not an ONNX model, or is damaged", {}, "a model as torch.onnx.export or tf2onnx write it");
}

arch::Network read(const ::onnx::ModelProto& model, const std::string& file, std::vector<std::string>* notes) {
    const Graph graph = read_graph(model, file);
    return Layers(graph, file, notes).read(std::filesystem::path(file).stem().string());
}

}  // namespace

arch::Network read_network_file(const std::string& path, std::vector<std::string>* notes) {
    std::error_code error;
    const std::uintmax_t bytes = std::filesystem::file_size(path, error);
    std::ifstream stream;
    if (!error) {
        check_size(path, bytes);
        stream.open(path, std::ios::binary);
        if (!stream) {
            error = std::error_code(errno, std::generic_category());
        }
    }
    if (error) {
        fail(path, "cannot be read: " + error.message(), {}, "a readable ONNX file");
    }
    ::onnx::ModelProto model;
    if (!model.ParseFromIstream(&stream)) {
        fail_damaged(path);
    }
    return read(model, path, notes);
}

arch::Network parse_network(const std::string& bytes, const std::string& file_name, std::vector<std::string>* notes) {
    check_size(file_name, bytes.size());
    ::onnx::ModelProto model;
    if (!model.ParseFromString(bytes)) {
        fail_damaged(file_name);
    }
    return read(model, file_name, notes);
}

}  // namespace sotto::onnx
