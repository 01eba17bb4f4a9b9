// SPDX-License-Identifier: Apache-2.0
#include "tools/nas-plugin/project_template.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace sotto::tools {
namespace {

using Replacements = std::vector<std::pair<std::string, std::string>>;

std::string replaced(std::string_view text, const Replacements& replacements) {
    std::string result(text);
    for (const auto& [from, to] : replacements) {
        for (std::size_t at = result.find(from); at != std::string::npos; at = result.find(from, at + to.size())) {
            result.replace(at, from.size(), to);
        }
    }
    return result;
}

std::string camel_case(const std::string& name) {
    std::string result;
    bool begins_word = true;
    for (const char c : name) {
        if (c == '_') {
            begins_word = true;
            continue;
        }
        result += begins_word && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
        begins_word = false;
    }
    return result;
}

}  // namespace

std::string plugin_id(std::string name) {
    std::replace(name.begin(), name.end(), '_', '-');
    return name;
}

std::map<std::string, std::string> project_files(const std::string& name, plugin::Kind kind, Language language) {
    const std::string id = plugin_id(name);
    const bool is_proxy = kind == plugin::Kind::accuracy_proxy;
    const std::string kind_file = is_proxy ? "accuracy_proxy" : "cost_model";
    const std::string extension = language == Language::c ? ".c" : ".cpp";
    const std::string source = name + extension;
    const Replacements in_source = {{"my_model", name}, {"my-model", id}, {"MyModel", camel_case(name)}};
    const std::string link_math =
        is_proxy && language == Language::c ? "target_link_libraries(" + name + " PRIVATE m)\n" : std::string();
    const Replacements in_text = {{"@name@", name},
                                  {"@id@", id},
                                  {"@kind@", to_text(kind)},
                                  {"@languages@", language == Language::c ? "C" : "CXX"},
                                  {"@link_math@\n", link_math},
                                  {"@source@", source}};
    return {{"CMakeLists.txt", replaced(template_text("CMakeLists.txt.in"), in_text)},
            {"README.md", replaced(template_text("README.md.in"), in_text)},
            {source, replaced(template_text(kind_file + extension), in_source)},
            {name + ".yaml",
             replaced(template_text(kind_file + ".yaml.in"), in_text) + std::string(template_text("space.yaml.in"))}};
}

}  // namespace sotto::tools
