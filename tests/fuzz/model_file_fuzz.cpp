// SPDX-License-Identifier: Apache-2.0
// Any bytes are either answered with an InputError, or are a model that survives writing. The checksum would stop a
// fuzzer at the first line: bytes that do not begin as a model file are taken as header and payload behind a first line
// that fits, split at the first NUL.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "cost_models/model_file/model_file.hpp"
#include "engine/input/input_error.hpp"

namespace {

using namespace sotto;

std::string framed(std::string_view bytes) {
    const std::size_t split = bytes.find('\0');
    const std::string_view header = bytes.substr(0, split);
    const std::string_view payload = split == std::string_view::npos ? std::string_view{} : bytes.substr(split + 1);
    const std::string content = std::string(header) + std::string(payload);
    return "sotto-model/1 xxh3-128=" + model_file::content_hash(content) +
           " header-bytes=" + std::to_string(header.size()) + " payload-bytes=" + std::to_string(payload.size()) +
           '\n' + content;
}

void check(const std::string& bytes) {
    model_file::ModelFile model;
    try {
        model = model_file::parse_model_file(bytes, "fuzz.model");
    } catch (const input::InputError& error) {
        if (error.parts().location.file != "fuzz.model") {
            std::fputs("an error without its file\n", stderr);
            std::abort();
        }
        return;
    }
    const std::string written = model_file::to_bytes(model);
    if (model_file::to_bytes(model_file::parse_model_file(written, "again.model")) != written) {
        std::fputs("written and read, the model has changed\n", stderr);
        std::abort();
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string bytes(data, data + size);
    check(bytes);
    check(framed(bytes));
    return 0;
}
