// SPDX-License-Identifier: Apache-2.0
#include "tools/nas-predict/network_file.hpp"

#include <filesystem>
#include <map>
#include <string_view>

#include "engine/arch/network_yaml.hpp"
#include "engine/input/input_error.hpp"
#ifdef SOTTO_WITH_ONNX
#include "engine/onnx/read_network.hpp"
#endif

namespace sotto::tools {
namespace {

arch::Network read_onnx_network(const std::string& file, [[maybe_unused]] std::vector<std::string>& notes) {
#ifdef SOTTO_WITH_ONNX
    return onnx::read_network_file(file, &notes);
#else
    throw input::InputError({{file, 0, 0},
                             "this build reads no ONNX files",
                             "SOTTO_BUILD_ONNX=OFF",
                             "a network in YAML (docs/networks.md), or a build with SOTTO_BUILD_ONNX=ON",
                             {}});
#endif
}

}  // namespace

arch::Network read_network(const std::string& file, std::vector<std::string>& notes) {
    return std::filesystem::path(file).extension() == ".onnx" ? read_onnx_network(file, notes)
                                                              : arch::read_network_file(file);
}

std::string name_of(const arch::Network& network, const std::string& file) {
    return network.name().empty() ? std::filesystem::path(file).stem().string() : std::string(network.name());
}

std::vector<std::string> telling_names(const std::vector<std::string>& names, const std::vector<std::string>& files) {
    std::map<std::string_view, int> uses;
    for (const std::string& name : names) {
        ++uses[name];
    }
    std::vector<std::string> telling;
    for (std::size_t i = 0; i < names.size(); ++i) {
        telling.push_back(uses[names[i]] > 1 ? files[i] : names[i]);
    }
    return telling;
}

}  // namespace sotto::tools
