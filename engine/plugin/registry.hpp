// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sotto/plugin.h"

#include "engine/plugin/description.hpp"
#include "engine/plugin/instance.hpp"
#include "engine/plugin/isolation/isolation.hpp"
#include "engine/plugin/library_rules.hpp"

namespace sotto::plugin {

/// What the host does for plug-ins. Every function may be called from any thread and may be empty.
struct HostServices {
    std::function<void(int level, std::string_view text)> log;
    std::function<bool()> is_cancelled;
    /// Runs body(0) ... body(count - 1) in any order, at once or not, and returns true when all have ended; false, or
    /// empty: refused, and none ran.
    std::function<bool(std::uint32_t count, const std::function<void(std::uint32_t)>& body)> parallel_for{};
    /// Program and version, for the logs of plug-ins.
    std::string name = "sotto";
    /// The program that runs isolated plug-ins (sotto-plugin-host). Empty: none can be isolated.
    std::string plugin_host{};
};

/// The plug-ins a program knows: those built in and those loaded. Libraries stay loaded until the process ends (threads
/// of LibTorch may outlive any instance). Loading and creating belong to one thread at a time.
class Registry {
  public:
    explicit Registry(HostServices services);
    ~Registry();
    Registry(const Registry&) = delete;
    Registry& operator=(const Registry&) = delete;

    /// A plug-in that is linked into the program.
    void add_built_in(const sotto_plugin_entry_v1& entry, std::string_view where);

    /// Loads a shared library: exists -> nobody else can write to it -> identity and ABI version from the file ->
    /// dlopen(RTLD_NOW | RTLD_LOCAL) -> init -> factories -> descriptors. Throws PluginError with path, found, expected
    /// and reason. The same file twice is no error and loads nothing.
    void load_library(const std::string& path, Writable writable = Writable::refuse);

    /// Finds `id` among what is registered, else in libraries named by declare_loadable. Throws PluginError listing the
    /// known ids and naming the nearest.
    /// An isolated plug-in is not loaded into this process: what it declares is read in a child process, and holds as
    /// isolated instances do (each takes one call at a time, whatever the library's thread level).
    const Description& describe(Kind kind, std::string_view id, const Isolation& isolation = {});

    /// Reads in a child process what a library offers. It is known from then on, and loaded into this process only when
    /// a plug-in of it is made there. Throws PluginError as load_library does, and where the child dies of it.
    void scan_library(const std::string& path, Writable writable = Writable::refuse);

    /// Says that the library at `path` offers `id`, without loading it: it is loaded when the id is first asked for.
    void declare_loadable(Kind kind, std::string_view id, const std::string& path);

    /// Says that there is a library at `path` of which nothing is known: no code of a library runs before it is named,
    /// so an id that is in none of the others is answered with these.
    void note_unread_library(const std::string& path);

    /// Checks arguments against the declared parameters (unknown, missing, wrong type, out of range: PluginError naming
    /// the nearest) and creates an instance. The instance keeps the registry's library alive; the registry must outlive
    /// it. Isolated: the instance is made in a child process of its own.
    std::unique_ptr<Instance> create(Kind kind, std::string_view id,
                                     const std::map<std::string, std::string>& arguments,
                                     const Isolation& isolation = {});

    /// The ids of the extensions (`sotto.per-operation/1`, ...) that an instance with these arguments offers, of those
    /// that this host knows, in the order of sotto/plugin.h. Makes one in this process. Throws as create does.
    std::vector<std::string> offered_extensions(Kind kind, std::string_view id,
                                                const std::map<std::string, std::string>& arguments);

    /// What is registered now or was scanned (libraries only declared are not loaded for it).
    std::vector<Description> list() const;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace sotto::plugin
