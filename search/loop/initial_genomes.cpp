// SPDX-License-Identifier: Apache-2.0
#include "search/loop/initial_genomes.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>
#include <system_error>

#include "engine/arch/canonical_hash.hpp"
#include "engine/arch/network_yaml.hpp"
#include "engine/input/csv.hpp"
#include "search/space/genome_of_network.hpp"
#include "search/space/network_likeness.hpp"

namespace sotto::search {
namespace {

using input::InputError;
using input::SourceLocation;
using input::YamlValue;

constexpr std::size_t most_bytes = 256U << 20U;

// Reads genomes, and tells of those that are wrong where they stand.
class GenomeReader {
  public:
    explicit GenomeReader(const Space& space) : space_(space), decoder_(space) {}

    // `place` is where the text begins.
    Genome read(const std::string& text, const SourceLocation& place) {
        try {
            Genome genome = space_.parse_genome(text);
            Rejection rejection;
            if (decoder_.decode(genome, rejection) == nullptr) {
                throw InputError({place, "a genome that gives no network", rejection.reason, {}, {}});
            }
            return genome;
        } catch (const InputError& error) {
            InputError::Parts parts = error.parts();
            const bool has_column = parts.location.file != place.file && parts.location.column > 0;
            parts.location = {place.file, place.line, place.column + (has_column ? parts.location.column - 1 : 0)};
            throw InputError(std::move(parts));
        }
    }

    // Of a member of the space; valid until the next call.
    const arch::Network& network_of(const Genome& genome) {
        Rejection rejection;
        return *decoder_.decode(genome, rejection);
    }

  private:
    const Space& space_;
    Space::Decoder decoder_;
};

template <typename Use>
void for_each_line(std::string_view text, Use&& use) {
    int line = 1;
    for (std::size_t begin = 0; begin < text.size(); ++line) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        std::string_view content = text.substr(begin, end - begin);
        if (content.ends_with('\r')) {
            content.remove_suffix(1);
        }
        use(content, line);
        begin = end + 1;
    }
}

std::vector<Genome> read_list(std::string_view text, const std::string& file, GenomeReader& reader) {
    std::vector<Genome> genomes;
    for_each_line(text, [&](std::string_view line, int number) {
        const std::size_t begin = line.find_first_not_of(" \t");
        if (begin != std::string_view::npos && line[begin] != '#') {
            genomes.push_back(
                reader.read(std::string(line.substr(begin)), {file, number, static_cast<int>(begin) + 1}));
        }
    });
    if (genomes.empty()) {
        throw InputError({{file, 0, 0}, "a list of genomes", "no genome", "a line 'choice=value ...' for each", {}});
    }
    return genomes;
}

// pareto.csv, finalists.csv and baseline.csv of a run, and what was cut out of them.
std::vector<Genome> read_table(const std::string& file, GenomeReader& reader) {
    const std::string text = input::read_text_file(file, most_bytes, "a table of networks");
    input::CsvReader table(text, file);
    std::vector<input::CsvField> row;
    const bool has_header = table.next(row);
    const auto title = std::find_if(row.begin(), row.end(), [](const auto& field) { return field.text == "genome"; });
    if (!has_header || title == row.end()) {
        throw InputError({{file, 1, 0},
                          "a table without genomes",
                          "no column 'genome'",
                          "a table such as the pareto.csv of a run",
                          {}});
    }
    const auto column = static_cast<std::size_t>(title - row.begin());
    std::vector<Genome> genomes;
    while (table.next(row)) {
        if (row.size() <= column) {
            table.fail(1, "a row without a genome", std::to_string(row.size()) + " fields",
                       "at least " + std::to_string(column + 1));
        }
        genomes.push_back(reader.read(row[column].text, {file, table.line(), row[column].column}));
    }
    return genomes;
}

std::vector<Genome> read_front(const std::filesystem::path& directory, const SourceLocation& place,
                               GenomeReader& reader) {
    const std::string file = (directory / "pareto.csv").string();
    std::error_code none;
    if (!std::filesystem::is_regular_file(file, none)) {
        throw InputError({place,
                          "a directory that holds no front",
                          '\'' + directory.string() + '\'',
                          "the directory of a run that has written pareto.csv",
                          {}});
    }
    return read_table(file, reader);
}

std::vector<Genome> read_several(const std::filesystem::path& path, const SourceLocation& place, GenomeReader& reader) {
    std::error_code none;
    if (std::filesystem::is_directory(path, none)) {
        return read_front(path, place, reader);
    }
    if (path.extension() == ".csv") {
        return read_table(path.string(), reader);
    }
    return read_list(input::read_text_file(path.string(), most_bytes, "a list of genomes"), path.string(), reader);
}

std::string layer_text(const arch::Network& network, std::optional<arch::LayerIndex> layer) {
    return layer ? '\'' + arch::layer_to_yaml(network, *layer) + "' of " + to_text(network.layer(*layer).output)
                 : "no further layer";
}

[[noreturn]] void refuse_network(const std::string& file, const arch::Network& wanted, const GenomeOfNetwork& search,
                                 GenomeReader& reader) {
    const std::string tried = std::to_string(search.tried) + (search.tried == 1 ? " was" : " were") + " tried";
    InputError::Parts parts;
    parts.location = {file, 0, 0};
    parts.problem = search.tried_all ? "no genome of this space makes this network (all " + tried + ')'
                                     : "no genome of this space was found that makes this network (" + tried +
                                           ", which does not prove that there is none)";
    parts.expected = "a member of this space, or its genome in '" + std::string(genome_file) +
                     "' beside it or in place of the network";
    if (search.nearest) {
        const arch::Network& nearest = reader.network_of(*search.nearest);
        const Difference difference = first_difference(wanted, nearest);
        parts.found = layer_text(wanted, difference.wanted) + " where the nearest network of the space has " +
                      layer_text(nearest, difference.other);
    }
    throw InputError(std::move(parts));
}

// A network alone does not tell the choices that make it: the file beside it does; else they are looked for.
Genome read_network(const std::filesystem::path& path, const Space& space, GenomeReader& reader) {
    const arch::Network network = arch::read_network_file(path.string());
    const std::filesystem::path beside = path.parent_path() / genome_file;
    std::error_code none;
    if (std::filesystem::is_regular_file(beside, none)) {
        const std::string file = beside.string();
        const arch::CanonicalHash wanted = arch::canonical_hash(network);
        for (const Genome& genome : read_list(input::read_text_file(file, most_bytes, "a genome"), file, reader)) {
            if (arch::canonical_hash(reader.network_of(genome)) == wanted) {
                return genome;
            }
        }
        throw InputError({{path.string(), 0, 0},
                          "the genome beside a network makes another network",
                          '\'' + file + '\'',
                          "that of this network, in the space of this run",
                          {}});
    }
    const GenomeOfNetwork search = find_genome(space, network);
    if (!search.genome) {
        refuse_network(path.string(), network, search, reader);
    }
    return *search.genome;
}

void append(std::vector<Genome>& genomes, std::vector<Genome> more) {
    std::move(more.begin(), more.end(), std::back_inserter(genomes));
}

}  // namespace

std::vector<Genome> read_initial_genomes(const YamlValue& section, const Space& space) {
    std::vector<Genome> genomes;
    GenomeReader reader(space);
    for (const YamlValue& item : section.items("initial")) {
        if (item.kind() == YamlValue::Kind::mapping) {
            constexpr std::array<std::string_view, 1> keys = {"genome"};
            item.only_keys("an initial candidate", keys);
            const YamlValue genome = item.require("an initial candidate", "genome");
            const SourceLocation place = genome.location();
            genomes.push_back(reader.read(genome.as_text("genome"), {place.file, place.line, 0}));
            continue;
        }
        const std::string name = item.as_text("an initial candidate");
        const std::filesystem::path folder = std::filesystem::path(item.location().file).parent_path();
        const std::filesystem::path path = std::filesystem::absolute(folder / name).lexically_normal();
        std::error_code none;
        const bool is_directory = std::filesystem::is_directory(path, none);
        if (!is_directory && !std::filesystem::is_regular_file(path, none)) {
            throw InputError({item.location(),
                              "an initial candidate that is not there",
                              '\'' + path.string() + '\'',
                              "a run directory, a network (.yaml), a table (.csv) or a list of genomes, relative to "
                              "this file",
                              {}});
        }
        if (!is_directory && (path.extension() == ".yaml" || path.extension() == ".yml")) {
            genomes.push_back(read_network(path, space, reader));
        } else {
            append(genomes, read_several(path, item.location(), reader));
        }
    }
    return genomes;
}

std::vector<Genome> read_genomes(const std::string& path, const Space& space) {
    GenomeReader reader(space);
    std::vector<Genome> genomes = read_several(path, {path, 0, 0}, reader);
    if (genomes.empty()) {
        throw InputError({{path, 0, 0}, "a table of networks", "a head alone", "a row for each network", {}});
    }
    return genomes;
}

std::vector<Genome> parse_genome_list(std::string_view text, const std::string& file_name, const Space& space) {
    GenomeReader reader(space);
    return read_list(text, file_name, reader);
}

}  // namespace sotto::search
