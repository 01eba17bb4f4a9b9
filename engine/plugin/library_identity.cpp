// SPDX-License-Identifier: Apache-2.0
#include "engine/plugin/library_identity.hpp"

#include <elf.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <system_error>
#include <vector>

#include "engine/plugin/description.hpp"

namespace sotto::plugin {
namespace {

constexpr std::string_view entry_symbol = "sotto_plugin_entry";
constexpr std::uint64_t largest_table = std::uint64_t{1} << 28;

#if defined(__x86_64__)
constexpr std::uint16_t own_machine = EM_X86_64;
#elif defined(__aarch64__)
constexpr std::uint16_t own_machine = EM_AARCH64;
#elif defined(__riscv)
constexpr std::uint16_t own_machine = EM_RISCV;
#else
#error "Plug-in libraries of this machine are not known: add its ELF number"
#endif
static_assert(std::endian::native == std::endian::little && sizeof(void*) == 8);

class Reader {
  public:
    explicit Reader(const std::string& path) : path_(path), stream_(path, std::ios::binary) {
        std::error_code error;
        size_ = std::filesystem::file_size(path, error);
        if (!stream_ || error) {
            fail("a file that cannot be read");
        }
    }

    [[noreturn]] void fail(const std::string& found) const {
        throw PluginError("plug-in library '" + path_ + "': cannot be loaded: found " + found +
                          ", expected a shared library for this platform");
    }

    // Every number in the file is taken for a lie until it is found to lie within the file.
    template <typename Element>
    std::vector<Element> table(std::uint64_t offset, std::uint64_t count, std::uint64_t entry_size) {
        if (count > 0 && entry_size != sizeof(Element)) {
            fail("a damaged library (a table of strange entries)");
        }
        if (offset > size_ || count > largest_table / sizeof(Element) || count * sizeof(Element) > size_ - offset) {
            fail("a damaged library (a table beyond its end)");
        }
        std::vector<Element> elements(static_cast<std::size_t>(count));
        stream_.seekg(static_cast<std::streamoff>(offset));
        stream_.read(reinterpret_cast<char*>(elements.data()),
                     static_cast<std::streamsize>(elements.size() * sizeof(Element)));
        if (!stream_) {
            fail("a damaged library (it cannot be read)");
        }
        return elements;
    }

    std::uint64_t size() const noexcept { return size_; }
    const std::string& path() const noexcept { return path_; }

  private:
    const std::string& path_;
    std::ifstream stream_;
    std::uint64_t size_ = 0;
};

Elf64_Ehdr read_header(Reader& reader) {
    if (reader.size() < sizeof(Elf64_Ehdr)) {
        reader.fail("a file of " + std::to_string(reader.size()) + " bytes");
    }
    const Elf64_Ehdr header = reader.table<Elf64_Ehdr>(0, 1, sizeof(Elf64_Ehdr)).front();
    if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0) {
        reader.fail("a file that is no ELF library");
    }
    if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_ident[EI_DATA] != ELFDATA2LSB ||
        header.e_machine != own_machine) {
        reader.fail("a library for another machine (ELF machine " + std::to_string(header.e_machine) + ')');
    }
    if (header.e_type != ET_DYN) {
        reader.fail("an ELF file of type " + std::to_string(header.e_type));
    }
    return header;
}

// The symbol of the entry, defined in this file.
Elf64_Sym find_entry(Reader& reader, const std::vector<Elf64_Shdr>& sections) {
    for (const Elf64_Shdr& section : sections) {
        if (section.sh_type != SHT_DYNSYM) {
            continue;
        }
        if (section.sh_link >= sections.size()) {
            reader.fail("a damaged library (symbols without names)");
        }
        const Elf64_Shdr& names_section = sections[section.sh_link];
        const std::vector<char> names = reader.table<char>(names_section.sh_offset, names_section.sh_size, 1);
        const std::string_view all(names.data(), names.size());
        for (const Elf64_Sym& symbol :
             reader.table<Elf64_Sym>(section.sh_offset, section.sh_size / sizeof(Elf64_Sym), section.sh_entsize)) {
            if (symbol.st_shndx == SHN_UNDEF || symbol.st_name >= all.size()) {
                continue;
            }
            const std::string_view rest = all.substr(symbol.st_name);
            if (rest.substr(0, rest.find('\0')) == entry_symbol) {
                return symbol;
            }
        }
    }
    throw PluginError("plug-in library '" + reader.path() + "': found no symbol '" + std::string(entry_symbol) +
                      "', expected a library built against sotto/plugin.h");
}

}  // namespace

LibraryIdentity read_identity(const std::string& path) {
    Reader reader(path);
    const Elf64_Ehdr header = read_header(reader);
    const auto sections = reader.table<Elf64_Shdr>(header.e_shoff, header.e_shnum, header.e_shentsize);
    const Elf64_Sym entry = find_entry(reader, sections);
    for (const Elf64_Phdr& segment : reader.table<Elf64_Phdr>(header.e_phoff, header.e_phnum, header.e_phentsize)) {
        constexpr std::uint64_t head = sizeof(LibraryIdentity);
        if (segment.p_type == PT_LOAD && entry.st_value >= segment.p_vaddr && segment.p_filesz >= head &&
            entry.st_value - segment.p_vaddr <= segment.p_filesz - head) {
            const std::uint64_t offset = segment.p_offset + (entry.st_value - segment.p_vaddr);
            return reader.table<LibraryIdentity>(offset, 1, head).front();
        }
    }
    throw PluginError("plug-in library '" + path + "': '" + std::string(entry_symbol) +
                      "' has no value in the file, expected a constant that says its ABI version");
}

}  // namespace sotto::plugin
