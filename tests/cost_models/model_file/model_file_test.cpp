// SPDX-License-Identifier: Apache-2.0
#include "cost_models/model_file/model_file.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <functional>
#include <limits>
#include <string>

#include "engine/input/input_error.hpp"
#include "engine/run/run_error.hpp"
#include "tests/cost_models/model_file/sample_model.hpp"
#include "tests/support/catch.hpp"

using namespace sotto;
using namespace sotto::model_file;
using namespace sotto::sample;
using sotto::matchers::contains_text;

namespace {

using nlohmann::ordered_json;

std::string error_of(const std::string& bytes) {
    try {
        parse_model_file(bytes, "f");
    } catch (const input::InputError& error) {
        CHECK(error.parts().location.file == "f");
        return error.what();
    }
    return "no error";
}

std::string error_of_header(const std::function<void(ordered_json&)>& change) {
    ordered_json header = sample_header();
    change(header);
    return error_of(framed(header.dump(), sample_payload()));
}

std::string error_of_path(const std::filesystem::path& path) {
    try {
        read_model_file(path);
    } catch (const input::InputError& error) {
        return error.what();
    }
    return "no error";
}

struct Folder {
    Folder() : path(std::filesystem::temp_directory_path() / ("sotto-model-file-" + std::to_string(getpid()))) {
        std::filesystem::create_directories(path);
    }
    ~Folder() { std::filesystem::remove_all(path); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    std::filesystem::path path;
};

}  // namespace

TEST_CASE("the checksum is XXH3 with 128 bits") {
    // Published test vector of the empty input; the other one by the reference program: printf sotto | xxhsum -H2
    CHECK(content_hash("") == "99aa06d3014798d86001c324468d497f");
    CHECK(content_hash("sotto") == "59f981e536592f1e851c71e18fd591a3");
}

TEST_CASE("a file made by hand is read member by member") {
    const ModelFile model = parse_model_file(framed(sample_header().dump(), sample_payload()), "f");
    const ModelFile expected = sample_model();
    CHECK(model.model == "analytical");
    CHECK(model.model_version == 3);
    CHECK(model.setting == "local");
    CHECK(std::isinf(model.bandwidth_mbps));
    CHECK(model.rtt_ms == 0.125);
    CHECK(model.roles == expected.roles);
    CHECK(model.engine == expected.engine);
    CHECK(model.data == expected.data);
    CHECK(model.split == "5 folds, seed 1");
    REQUIRE(model.held_out.size() == 2);
    CHECK(model.held_out[0] == expected.held_out[0]);
    CHECK(std::isnan(model.held_out[1].r2));
    CHECK(model.features == expected.features);
    CHECK(model.date == "2024-02-29");
    CHECK(model.seed == 18446744073709551615U);
    CHECK(model.trained_with == "a program 1.0");
    CHECK(model.parameters == expected.parameters);
    CHECK(model.tensors == expected.tensors);
}

TEST_CASE("a figure beyond what a file holds is written as none") {
    ModelFile model = sample_model();
    model.held_out[0].r2 = -1e16;
    model.held_out[0].bias_percent = 1e16;
    const ModelFile read = parse_model_file(to_bytes(model), "f");
    CHECK(std::isnan(read.held_out[0].r2));
    CHECK(std::isnan(read.held_out[0].bias_percent));
}

TEST_CASE("what is written is the documented form and reads back") {
    const std::string bytes = to_bytes(sample_model());
    const std::size_t line_end = bytes.find('\n');
    const std::string content = bytes.substr(line_end + 1);
    CHECK(bytes.substr(0, line_end) == "sotto-model/1 xxh3-128=" + content_hash(content) + " header-bytes=" +
                                           std::to_string(content.size() - 32) + " payload-bytes=32");
    CHECK(content.substr(content.size() - 32) == sample_payload());
    // Order matters to people: ordered_json compares it.
    CHECK(ordered_json::parse(content.substr(0, content.size() - 32)).dump() == sample_header().dump());
    CHECK(to_bytes(parse_model_file(bytes, "f")) == bytes);
    CHECK(to_bytes(sample_model()) == bytes);
}

TEST_CASE("every flipped bit of a file is noticed") {
    const std::string bytes = to_bytes(sample_model());
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        for (unsigned bit = 0; bit < 8; ++bit) {
            std::string damaged = bytes;
            damaged[i] = static_cast<char>(static_cast<unsigned char>(damaged[i]) ^ (1U << bit));
            if (error_of(damaged) == "no error") {
                FAIL("bit " << bit << " of byte " << i << " was not noticed");
            }
        }
    }
}

TEST_CASE("every truncation and every extension of a file is noticed") {
    const std::string bytes = to_bytes(sample_model());
    for (std::size_t length = 0; length < bytes.size(); ++length) {
        if (error_of(bytes.substr(0, length)) == "no error") {
            FAIL("cut at " << length << ": not noticed");
        }
    }
    CHECK_THAT(error_of(bytes.substr(0, bytes.size() - 1)), contains_text("f: is cut short: found "));
    CHECK_THAT(error_of(bytes + '\0'), contains_text("f: has bytes after its end: found "));
}

TEST_CASE("foreign files and other versions are refused by reason") {
    CHECK(error_of("") == "f: is not a model file: found nothing, expected a file that begins with 'sotto-model/1 '");
    CHECK(error_of("{\"format\": 1}\n") ==
          "f: is not a model file: found '{\"format\": 1}', expected a file that begins with 'sotto-model/1 '");
    CHECK_THAT(error_of(std::string("PK\x03\x04\0\0", 6)), contains_text("f: is not a model file: found 'PK"));
    std::string future = to_bytes(sample_model());
    future.replace(0, 13, "sotto-model/2");
    CHECK(error_of(future) == "f: is a model file of another version: found '2', expected '1'");
    future.replace(12, 1, "10");
    CHECK(error_of(future) == "f: is a model file of another version: found '10', expected '1'");
    CHECK_THAT(error_of("sotto-model/1 sha1=00\n"), contains_text("f: has a damaged first line"));
    CHECK_THAT(error_of("sotto-model/1"), contains_text("f: has a damaged first line"));
}

TEST_CASE("sizes that the first line claims are bounded") {
    const std::string hash(32, '0');
    const auto with_sizes = [&](const std::string& header, const std::string& payload) {
        return error_of("sotto-model/1 xxh3-128=" + hash + " header-bytes=" + header + " payload-bytes=" + payload +
                        "\n{}");
    };
    CHECK_THAT(with_sizes("4194305", "0"), contains_text("f: is too large: found 4194305 bytes of header"));
    CHECK_THAT(with_sizes("2", "18446744073709551614"), contains_text("f: is too large"));
    CHECK_THAT(with_sizes("2", "18446744073709551616"), contains_text("f: has a damaged first line"));
    CHECK_THAT(with_sizes("02", "0"), contains_text("f: has a damaged first line"));
    CHECK_THAT(with_sizes("-2", "0"), contains_text("f: has a damaged first line"));
    CHECK_THAT(with_sizes("", "0"), contains_text("f: has a damaged first line"));
    CHECK_THAT(with_sizes("3", "0"), contains_text("f: is cut short: found 2 bytes after the first line, expected 3"));
    CHECK_THAT(with_sizes("2", "0"), contains_text("f: is damaged: the checksum does not match"));
    CHECK_THAT(error_of(std::string(most_file_bytes + 1, ' ')), contains_text("f: is too large"));
}

TEST_CASE("headers that are not in order are refused by key") {
    CHECK(error_of_header([](ordered_json&) {}) == "no error");
    const ordered_json in_order = sample_header();
    for (const auto& [key, value] : in_order.items()) {
        const std::string missing = key;
        CHECK(error_of_header([&](ordered_json& header) { header.erase(missing); }) ==
              "f: a key is missing: expected '" + missing + "'");
        CHECK_THAT(error_of_header([&](ordered_json& header) { header[missing] = nullptr; }),
                   contains_text("f: " + missing + ": found null, expected "));
    }
    CHECK_THAT(error_of_header([](ordered_json& header) { header["sed"] = 1; }),
               contains_text("f: unknown key: found \"sed\"") && contains_text("did you mean 'seed'?"));
    const auto set = [](const char* pointer, ordered_json value) {
        return error_of_header([&](ordered_json& header) { header[ordered_json::json_pointer(pointer)] = value; });
    };
    CHECK_THAT(set("/model", "Analytical"), contains_text("f: model: found \"Analytical\""));
    CHECK_THAT(set("/model_version", 0), contains_text("f: model_version: found 0, expected a whole number from 1"));
    CHECK_THAT(set("/setting", "lam"), contains_text("f: setting: found \"lam\", expected 'local', 'lan' or 'wan'"));
    CHECK_THAT(set("/link/bandwidth_mbps", 0), contains_text("f: link.bandwidth_mbps: found 0"));
    CHECK_THAT(set("/link/bandwidth_mbps", "fast"), contains_text("f: link.bandwidth_mbps: found \"fast\""));
    CHECK_THAT(set("/link/rtt_ms", -1), contains_text("f: link.rtt_ms: found -1"));
    CHECK_THAT(set("/link/jitter", 1), contains_text("f: link: unknown key: found \"jitter\""));
    CHECK_THAT(set("/roles", ordered_json::array()), contains_text("f: roles: found a list of 0"));
    CHECK_THAT(set("/roles/1", "client"), contains_text("f: roles: found a list of 2"));
    CHECK_THAT(set("/roles/1", "observer"), contains_text("f: roles: found a list of 2"));
    CHECK_THAT(set("/data", ordered_json::array()), contains_text("f: data: found a list of 0"));
    CHECK_THAT(set("/data/0/rows", 0), contains_text("f: data[0].rows: found 0"));
    CHECK_THAT(set("/data/0/hash", "00112233445566778899AABBCCDDEEFF"), contains_text("f: data[0].hash: found"));
    CHECK_THAT(set("/held_out/0/split", "random"), contains_text("f: held_out[0].split: found \"random\""));
    CHECK_THAT(set("/held_out/0/mae_ms", nullptr), contains_text("f: held_out[0].mae_ms: found null"));
    CHECK_THAT(set("/held_out/0/r2", 1.5), contains_text("f: held_out[0].r2: found 1.5"));
    CHECK_THAT(set("/date", "2023-02-29"), contains_text("f: date: found \"2023-02-29\", expected a day"));
    CHECK_THAT(set("/date", "2023-2-1"), contains_text("f: date: found \"2023-2-1\""));
    CHECK_THAT(set("/date", "2023-02-01 "), contains_text("f: date: found \"2023-02-01 \""));
    CHECK_THAT(set("/seed", -1), contains_text("f: seed: found -1"));
    CHECK_THAT(set("/trained_with", ""), contains_text("f: trained_with: found \"\""));
    CHECK_THAT(set("/parameters", 1), contains_text("f: parameters: found 1, expected an object"));
}

TEST_CASE("tensors that do not fit their payload are refused") {
    const auto set = [](const char* pointer, ordered_json value) {
        return error_of_header([&](ordered_json& header) { header[ordered_json::json_pointer(pointer)] = value; });
    };
    CHECK_THAT(set("/tensors/0/shape/1", 4), contains_text("f: tensors[1].offset: found 24, expected 32"));
    CHECK_THAT(set("/tensors/0/shape/1", 2), contains_text("f: tensors[1].offset: found 24, expected 16"));
    CHECK_THAT(set("/tensors/0/shape/1", 0), contains_text("f: tensors[0].shape: a size is out of range"));
    CHECK_THAT(set("/tensors/0/shape/1", -3), contains_text("f: tensors[0].shape: a size is out of range"));
    CHECK_THAT(set("/tensors/0/shape/1", 1.5), contains_text("f: tensors[0].shape: a size is out of range"));
    // 2 * (2^63 + 3) wraps to 6, the true number of values.
    CHECK_THAT(set("/tensors/0/shape/1", 9223372036854775811U),
               contains_text("f: tensors[0].shape: a size is out of range"));
    CHECK_THAT(set("/tensors/0/shape", ordered_json(std::vector<int>(9, 1))),
               contains_text("f: tensors[0].shape: found a list of 9, expected a list of at most 8 sizes"));
    CHECK_THAT(set("/tensors/0/type", "float16"), contains_text("f: tensors[0].type: found \"float16\""));
    CHECK_THAT(set("/tensors/0/type", "float64"), contains_text("f: tensors[0].shape"));
    CHECK_THAT(set("/tensors/1/offset", 23), contains_text("f: tensors[1].offset: found 23, expected 24"));
    CHECK_THAT(set("/tensors/1/name", "weights"), contains_text("f: tensors[1].name: a tensor stands twice"));
    CHECK_THAT(set("/tensors/1/type", "float32"), contains_text("f: tensors: the tensors take 28 bytes"));
    CHECK_THAT(error_of_header([](ordered_json& header) { header["tensors"].erase(1); }),
               contains_text("f: tensors: the tensors take 24 bytes"));
    CHECK_THAT(error_of_header([](ordered_json& header) { header["tensors"].push_back(header["tensors"][1]); }),
               contains_text("f: tensors[2]."));
    const std::string header = sample_header().dump();
    std::string payload = sample_payload();
    payload.replace(4, 4, std::string("\x00\x00\xc0\x7f", 4));
    CHECK_THAT(error_of(framed(header, payload)),
               contains_text("f: tensor 'weights': found nan at 1, expected finite values"));
    payload = sample_payload();
    payload.replace(24, 8, std::string("\0\0\0\0\0\0\xf0\xff", 8));
    CHECK_THAT(error_of(framed(header, payload)), contains_text("f: tensor 'scalar': found -inf at 0"));
}

TEST_CASE("tensors are found by name with their shape and type") {
    const ModelFile model = sample_model();
    CHECK(float_tensor(model, "weights", {2, 3}, "f").size() == 6);
    CHECK(double_tensor(model, "scalar", {}, "f")[0] == 0.1);
    CHECK_THROWS_WITH(float_tensor(model, "bias", {2}, "f"), "f: a tensor is missing: expected 'bias'");
    CHECK_THROWS_WITH(float_tensor(model, "weights", {6}, "f"),
                      "f: tensor 'weights' has another shape: found [2, 3], expected [6]");
    CHECK_THROWS_WITH(double_tensor(model, "weights", {2, 3}, "f"),
                      "f: tensor 'weights' is of another type: expected float64");
}

TEST_CASE("a model that could not be read back is not written") {
    const auto refused = [](const std::function<void(ModelFile&)>& change) {
        ModelFile model = sample_model();
        change(model);
        CHECK_THROWS_AS(to_bytes(model), std::invalid_argument);
    };
    refused([](ModelFile& model) { model.date = "today"; });
    refused([](ModelFile& model) { model.setting = "moon"; });
    refused([](ModelFile& model) { model.rtt_ms = std::numeric_limits<double>::quiet_NaN(); });
    refused([](ModelFile& model) { model.trained_with = "\xff"; });
    refused([](ModelFile& model) { model.parameters = nlohmann::json::array(); });
    refused([](ModelFile& model) { model.parameters["x"] = std::numeric_limits<double>::quiet_NaN(); });
    refused([](ModelFile& model) { model.engine.parameters["x"] = std::numeric_limits<double>::infinity(); });
    refused([](ModelFile& model) { model.tensors[0].shape = {7}; });
    refused([](ModelFile& model) { model.tensors[1].values = std::vector<double>{HUGE_VAL}; });
    refused([](ModelFile& model) { model.tensors[1].name = "weights"; });
}

TEST_CASE("files are written whole and read back from a path") {
    const Folder folder;
    const std::filesystem::path path = folder.path / "a.model";
    write_model_file(sample_model(), path);
    CHECK(to_bytes(read_model_file(path)) == to_bytes(sample_model()));
    ModelFile other = sample_model();
    other.seed = 5;
    write_model_file(other, path);
    CHECK(read_model_file(path).seed == 5);
    CHECK(std::distance(std::filesystem::directory_iterator(folder.path), {}) == 1);
    other.date = "never";
    CHECK_THROWS_AS(write_model_file(other, path), std::invalid_argument);
    CHECK(read_model_file(path).seed == 5);
    CHECK_THROWS_AS(write_model_file(sample_model(), folder.path / "absent" / "a.model"), run::RunError);
}

TEST_CASE("paths that are no readable file are refused") {
    const Folder folder;
    CHECK_THAT(error_of_path(folder.path / "absent"), contains_text("absent: cannot be read: No such file"));
    CHECK_THAT(error_of_path(folder.path), contains_text(": is no regular file: expected a model file"));
    CHECK_THAT(error_of_path("/dev/zero"), contains_text("/dev/zero: is no regular file"));
    const std::filesystem::path pipe = folder.path / "pipe";
    REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
    CHECK_THAT(error_of_path(pipe), contains_text("pipe: is no regular file"));
    const std::filesystem::path huge = folder.path / "huge";
    std::ofstream(huge) << "sotto-model/1";
    std::filesystem::resize_file(huge, std::uintmax_t{1} << 40U);
    CHECK_THAT(error_of_path(huge), contains_text("huge: is too large"));
}
