// SPDX-License-Identifier: Apache-2.0
#include "engine/plugin/library_search.hpp"

#include <stdlib.h>

#include <filesystem>
#include <string>
#include <vector>

#include "engine/plugin/registry.hpp"
#include "tests/engine/plugin/message_of.hpp"
#include "tests/support/catch.hpp"

using namespace sotto::plugin;
using sotto::matchers::contains_text;
namespace fs = std::filesystem;

namespace {

using Names = std::vector<std::string>;

// A folder of its own that holds a copy of a sound plug-in, `sound.so`, and nobody else can write to.
class Folder {
  public:
    Folder() {
        std::string name = (fs::temp_directory_path() / "sotto-library-XXXXXX").string();
        REQUIRE(mkdtemp(name.data()) != nullptr);
        path = name;
        fs::copy_file(SOTTO_TEST_PLUGINS "/test_plugin_plain_c.so", path / "sound.so");
        fs::permissions(path / "sound.so", fs::perms{0644});
    }
    ~Folder() { fs::remove_all(path); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    std::string library() const { return (path / "sound.so").string(); }
    std::string refusal(const std::string& at) const {
        return message_or_empty([&] {
            Registry registry({});
            registry.load_library(at);
        });
    }

    fs::path path;
};

}  // namespace

TEST_CASE("the environment's directories come first, and none is the current one") {
    CHECK(search_directories("", "/opt/lib") == Names{"/opt/lib"});
    CHECK(search_directories("/a:/b", "/opt/lib") == Names{"/a", "/b", "/opt/lib"});
    CHECK(search_directories(":.:relative:/a::/a:", "/opt/lib") == Names{"/a", "/opt/lib"});
}

TEST_CASE("a name is looked for in the directories, a path is not") {
    const Folder first;
    const Folder second;
    fs::rename(second.path / "sound.so", second.path / "other.so");
    const Names directories = {first.path.string(), second.path.string()};
    CHECK(find_library("sound", directories) == first.library());
    CHECK(find_library("other", directories) == (second.path / "other.so").string());
    CHECK(find_library("./sound", directories) == "./sound");
    CHECK(find_library("sound.so", directories) == "sound.so");
    const std::string message = message_of([&] { find_library("soumd", directories); });
    CHECK_THAT(message, contains_text("'" + first.path.string() + "', '" + second.path.string() + "'"));
    CHECK_THAT(message, contains_text("did you mean 'sound'?"));
    CHECK_THAT(message_of([&] { find_library("sound", {}); }), contains_text("none is set"));
}

TEST_CASE("a library that its owner alone can write to is loaded") {
    const Folder folder;
    CHECK(folder.refusal(folder.library()).empty());
}

TEST_CASE("a library that others can write to is refused, unless it is allowed") {
    const Folder folder;
    fs::permissions(folder.library(), fs::perms{0646});
    CHECK_THAT(
        folder.refusal(folder.library()),
        contains_text("the file '" + folder.library() + "' writable by everybody") && contains_text("allow_writable"));
    fs::permissions(folder.library(), fs::perms{0664});
    CHECK_THAT(folder.refusal(folder.library()), contains_text("writable by its group"));
    Registry registry({});
    registry.load_library(folder.library(), Writable::allow);
    CHECK(registry.list().size() == 1);
}

TEST_CASE("a library in a directory that others can write to is refused, sticky or not") {
    const Folder folder;
    for (const unsigned mode : {0777U, 01777U, 0775U}) {
        fs::permissions(folder.path, fs::perms{mode});
        CHECK_THAT(folder.refusal(folder.library()),
                   contains_text("the directory '" + folder.path.string() + "' writable"));
    }
}

TEST_CASE("a link is judged by its own directory and by that of its target") {
    const Folder target;
    const Folder links;
    const fs::path link = links.path / "link.so";
    fs::create_symlink(target.library(), link);
    CHECK(links.refusal(link.string()).empty());
    fs::permissions(links.path, fs::perms{0777});
    CHECK_THAT(links.refusal(link.string()), contains_text(links.path.string() + "' writable"));
    fs::permissions(links.path, fs::perms{0755});
    fs::permissions(target.path, fs::perms{0777});
    CHECK_THAT(links.refusal(link.string()), contains_text(target.path.string() + "' writable"));
}
