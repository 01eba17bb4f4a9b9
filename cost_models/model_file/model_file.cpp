// SPDX-License-Identifier: Apache-2.0
#include "cost_models/model_file/model_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>
#include <stdexcept>

#include <xxhash.h>

#include "cost_models/model_file/header.hpp"
#include "engine/input/input_error.hpp"
#include "engine/run/file_io.hpp"

namespace sotto::model_file {
namespace {

using input::InputError;

static_assert(std::endian::native == std::endian::little, "tensors are stored as they lie in memory");

constexpr std::string_view magic = "sotto-model/";
constexpr std::string_view version = "1";
constexpr std::size_t longest_first_line = 160;
constexpr std::size_t longest_shown = 40;

[[noreturn]] void refuse(const std::string& name, std::string problem, std::string found, std::string expected) {
    throw InputError({{name, 0, 0}, std::move(problem), std::move(found), std::move(expected), {}});
}

std::string printable(std::string_view text) {
    std::string result = "'";
    for (const char c : text.substr(0, longest_shown)) {
        result += c >= ' ' && c <= '~' ? c : '?';
    }
    return result + '\'';
}

std::string first_line(std::string_view content, std::size_t header_bytes) {
    return std::string(magic) + std::string(version) + " xxh3-128=" + content_hash(content) +
           " header-bytes=" + std::to_string(header_bytes) +
           " payload-bytes=" + std::to_string(content.size() - header_bytes) + '\n';
}

struct FirstLine {
    std::string hash;
    std::size_t header_bytes = 0;
    std::size_t payload_bytes = 0;
};

// What follows `label` up to the next blank or the end.
std::string_view take(std::string_view& rest, std::string_view label) {
    if (!rest.starts_with(label)) {
        return {};
    }
    rest.remove_prefix(label.size());
    const std::string_view value = rest.substr(0, rest.find(' '));
    rest.remove_prefix(value.size());
    return value;
}

bool read_size(std::string_view text, std::size_t& size) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size);
    const bool has_one_form = text.size() == 1 || !text.starts_with('0');
    return error == std::errc{} && end == text.data() + text.size() && has_one_form;
}

FirstLine read_first_line(std::string_view line, const std::string& name) {
    if (!line.starts_with(magic)) {
        refuse(name, "is not a model file", line.empty() ? "nothing" : printable(line),
               "a file that begins with '" + std::string(magic) + std::string(version) + " '");
    }
    std::string_view rest = line;
    if (const std::string_view found = take(rest, magic); found != version) {
        refuse(name, "is a model file of another version", printable(found), '\'' + std::string(version) + '\'');
    }
    FirstLine result;
    result.hash = take(rest, " xxh3-128=");
    const std::string_view header = take(rest, " header-bytes=");
    const std::string_view payload = take(rest, " payload-bytes=");
    if (!rest.empty() || !read_size(header, result.header_bytes) || !read_size(payload, result.payload_bytes)) {
        refuse(name, "has a damaged first line", printable(line),
               "sotto-model/1 xxh3-128=HASH header-bytes=N payload-bytes=N");
    }
    return result;
}

// Fills one tensor and moves `payload` on. The type's own bytes, since little endian is asserted above.
void read_values(Tensor& tensor, std::string_view& payload, const std::string& name) {
    std::visit(
        [&](auto& values) {
            const std::size_t bytes = value_bytes(tensor);
            std::memcpy(values.data(), payload.data(), bytes);
            payload.remove_prefix(bytes);
            const auto bad =
                std::find_if(values.begin(), values.end(), [](auto value) { return !std::isfinite(value); });
            if (bad != values.end()) {
                refuse(name, "tensor '" + tensor.name + '\'',
                       std::to_string(*bad) + " at " + std::to_string(bad - values.begin()), "finite values");
            }
        },
        tensor.values);
}

template <typename Number>
const std::vector<Number>& find_tensor(const ModelFile& model, std::string_view tensor,
                                       const std::vector<std::uint64_t>& shape, const std::string& name,
                                       const char* type) {
    const auto shape_text = [](const std::vector<std::uint64_t>& sizes) {
        std::string text = "[";
        for (std::size_t i = 0; i < sizes.size(); ++i) {
            text += (i == 0 ? "" : ", ") + std::to_string(sizes[i]);
        }
        return text + ']';
    };
    const auto found = std::find_if(model.tensors.begin(), model.tensors.end(),
                                    [&](const Tensor& candidate) { return candidate.name == tensor; });
    if (found == model.tensors.end()) {
        refuse(name, "a tensor is missing", {}, '\'' + std::string(tensor) + '\'');
    }
    const auto* values = std::get_if<std::vector<Number>>(&found->values);
    if (values == nullptr) {
        refuse(name, "tensor '" + found->name + "' is of another type", {}, type);
    }
    if (found->shape != shape) {
        refuse(name, "tensor '" + found->name + "' has another shape", shape_text(found->shape), shape_text(shape));
    }
    return *values;
}

}  // namespace

std::string content_hash(std::string_view bytes) {
    XXH128_canonical_t canonical;
    XXH128_canonicalFromHash(&canonical, XXH3_128bits(bytes.data(), bytes.size()));
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (const unsigned char byte : canonical.digest) {
        text += digits[byte >> 4U];
        text += digits[byte & 15U];
    }
    return text;
}

ModelFile parse_model_file(std::string_view bytes, const std::string& name) {
    if (bytes.size() > most_file_bytes) {
        refuse(name, "is too large", std::to_string(bytes.size()) + " bytes",
               "at most " + std::to_string(most_file_bytes));
    }
    const std::string_view start = bytes.substr(0, longest_first_line);
    const std::size_t line_end = start.find('\n');
    const FirstLine line = read_first_line(start.substr(0, line_end), name);
    if (line_end == std::string_view::npos) {
        refuse(name, "is cut short", "no end of the first line", "a header and a payload after it");
    }
    const std::string_view content = bytes.substr(line_end + 1);
    if (line.header_bytes > most_header_bytes || line.payload_bytes > most_file_bytes) {
        refuse(name, "is too large",
               std::to_string(line.header_bytes) + " bytes of header and " + std::to_string(line.payload_bytes) +
                   " of payload",
               "at most " + std::to_string(most_header_bytes) + " and " + std::to_string(most_file_bytes));
    }
    const std::size_t expected = line.header_bytes + line.payload_bytes;
    if (content.size() != expected) {
        refuse(name, content.size() < expected ? "is cut short" : "has bytes after its end",
               std::to_string(content.size()) + " bytes after the first line", std::to_string(expected));
    }
    if (const std::string hash = content_hash(content); hash != line.hash) {
        refuse(name, "is damaged: the checksum does not match", hash, printable(line.hash));
    }
    ModelFile model = parse_header(content.substr(0, line.header_bytes), line.payload_bytes, name);
    std::string_view payload = content.substr(line.header_bytes);
    for (Tensor& tensor : model.tensors) {
        read_values(tensor, payload, name);
    }
    return model;
}

ModelFile read_model_file(const std::filesystem::path& path) {
    const std::string name = path.string();
    // Without O_NONBLOCK a named pipe would wait for a writer.
    const run::FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    struct stat status {};
    if (file.number() < 0 || ::fstat(file.number(), &status) != 0) {
        refuse(name, run::with_reason("cannot be read", errno), {}, "a model file");
    }
    if (!S_ISREG(status.st_mode)) {
        refuse(name, "is no regular file", {}, "a model file");
    }
    std::string bytes;
    std::array<char, 65536> buffer;
    while (bytes.size() <= most_file_bytes) {
        const ssize_t count = ::read(file.number(), buffer.data(), buffer.size());
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            refuse(name, run::with_reason("cannot be read", errno), {}, "a model file");
        }
        if (count == 0) {
            break;
        }
        bytes.append(buffer.data(), static_cast<std::size_t>(count));
    }
    return parse_model_file(bytes, name);
}

std::string to_bytes(const ModelFile& model) {
    try {
        std::string content = header_text(model);
        const std::size_t header_bytes = content.size();
        for (const Tensor& tensor : model.tensors) {
            std::visit(
                [&](const auto& values) {
                    content.append(reinterpret_cast<const char*>(values.data()), value_bytes(tensor));
                },
                tensor.values);
        }
        std::string bytes = first_line(content, header_bytes) + content;
        const ModelFile again = parse_model_file(bytes, "the model");
        if (again.parameters != model.parameters || again.engine != model.engine || again.tensors != model.tensors) {
            throw std::invalid_argument("the model: has a value that JSON does not hold");
        }
        return bytes;
    } catch (const InputError& error) {
        throw std::invalid_argument(error.what());
    } catch (const nlohmann::json::exception& error) {
        throw std::invalid_argument(std::string("the model: has a text that is not UTF-8: ") + error.what());
    }
}

void write_model_file(const ModelFile& model, const std::filesystem::path& path) {
    run::write_whole(path, to_bytes(model));
}

const std::vector<float>& float_tensor(const ModelFile& model, std::string_view tensor,
                                       const std::vector<std::uint64_t>& shape, const std::string& name) {
    return find_tensor<float>(model, tensor, shape, name, "float32");
}

const std::vector<double>& double_tensor(const ModelFile& model, std::string_view tensor,
                                         const std::vector<std::uint64_t>& shape, const std::string& name) {
    return find_tensor<double>(model, tensor, shape, name, "float64");
}

}  // namespace sotto::model_file
