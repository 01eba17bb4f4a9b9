// SPDX-License-Identifier: Apache-2.0
#include "engine/plugin/registry.hpp"

#include <algorithm>
#include <array>
#include <deque>
#include <span>
#include <utility>

#include "engine/input/input_error.hpp"
#include "engine/plugin/abi_size.hpp"
#include "engine/plugin/argument_check.hpp"
#include "engine/plugin/border_call.hpp"
#include "engine/plugin/descriptor_check.hpp"
#include "engine/plugin/error_text.hpp"
#include "engine/plugin/isolation/isolated_instance.hpp"
#include "engine/plugin/library_rules.hpp"
#include "engine/plugin/loaded_instance.hpp"
#include "engine/plugin/shared_library.hpp"

namespace sotto::plugin {
namespace {

constexpr std::uint32_t most_plugins_per_library = 1024;
constexpr std::array<std::pair<Kind, const char*>, 2> factory_ids = {
    {{Kind::cost_model, SOTTO_COST_MODEL_FACTORY}, {Kind::accuracy_proxy, SOTTO_ACCURACY_PROXY_FACTORY}}};

std::string quoted(std::string_view text) {
    return '\'' + std::string(text) + '\'';
}

struct Plugin {
    Description description;
    const sotto_factory* factory = nullptr;
};

struct Library {
    const sotto_plugin_entry_v1* entry = nullptr;
    std::string path;  // empty: built in
    Writable writable = Writable::refuse;
};

struct Declared {
    Kind kind;
    std::string id;
    std::string path;
    Writable writable = Writable::refuse;
};

void check_factory(const sotto_factory& factory, const char* id, const std::string& subject) {
    if (!has_sound_size(factory)) {
        throw PluginError(subject + ": factory " + quoted(id) + " has a wrong size: found struct_size " +
                          std::to_string(factory.struct_size) + ", expected " + sound_sizes<sotto_factory>());
    }
    if (factory.count == nullptr || factory.descriptor == nullptr || factory.create == nullptr) {
        throw PluginError(subject + ": factory " + quoted(id) +
                          " is incomplete: found a null function, expected count, descriptor and create");
    }
}

// Calls into a plug-in where a fault is an error of loading or creating.
template <typename Call>
void guarded(const std::string& subject, const char* function, Call&& call) {
    const std::string fault = fault_of_call(subject.c_str(), function, std::forward<Call>(call));
    if (!fault.empty()) {
        throw PluginError(subject + ": " + function + ": " + fault);
    }
}

std::vector<Plugin> offered_plugins(const sotto_plugin_entry_v1& entry, const std::string& subject,
                                    const std::string& library) {
    std::vector<Plugin> offered;
    for (const auto& known : factory_ids) {
        const Kind kind = known.first;
        const char* const factory_id = known.second;
        const sotto_factory* factory = nullptr;
        guarded(subject, "get_factory", [&] { factory = entry.get_factory(factory_id); });
        if (factory == nullptr) {
            continue;
        }
        check_factory(*factory, factory_id, subject);
        std::uint32_t count = 0;
        guarded(subject, "count", [&] { count = factory->count(factory); });
        if (count > most_plugins_per_library) {
            throw PluginError(subject + ": factory " + quoted(factory_id) + ": found " + std::to_string(count) +
                              " plug-ins, expected at most " + std::to_string(most_plugins_per_library));
        }
        for (std::uint32_t i = 0; i < count; ++i) {
            const sotto_descriptor* descriptor = nullptr;
            guarded(subject, "descriptor", [&] { descriptor = factory->descriptor(factory, i); });
            Description description = check_descriptor(descriptor, kind, subject);
            description.library = library;
            offered.push_back({std::move(description), factory});
        }
    }
    if (offered.empty()) {
        throw PluginError(subject + ": found no plug-in, expected at least one of '" SOTTO_COST_MODEL_FACTORY
                                    "' or '" SOTTO_ACCURACY_PROXY_FACTORY "'");
    }
    return offered;
}

}  // namespace

struct Registry::State {
    explicit State(HostServices given) : services(std::move(given)) {
        host = {.struct_size = sizeof(sotto_host),
                .reserved = 0,
                .host_data = this,
                .name = services.name.c_str(),
                .log = &State::log,
                .is_cancelled = &State::is_cancelled,
                .parallel_for = &State::parallel_for,
                .get_extension = &State::get_extension};
    }
    ~State() {
        for (auto library = libraries.rbegin(); library != libraries.rend(); ++library) {
            static_cast<void>(fault_of_call(library->path.c_str(), "deinit", [&] { library->entry->deinit(); }));
        }
    }
    State(const State&) = delete;
    State& operator=(const State&) = delete;

    static void log(const sotto_host* host, std::int32_t level, const char* text) noexcept {
        const auto* self = static_cast<const State*>(host->host_data);
        static_cast<void>(escaped_exception([&] {
            if (self->services.log && text != nullptr) {
                self->services.log(level, plain_text(text));
            }
        }));
    }

    static std::int32_t is_cancelled(const sotto_host* host) noexcept {
        const auto* self = static_cast<const State*>(host->host_data);
        bool cancelled = false;
        static_cast<void>(
            escaped_exception([&] { cancelled = self->services.is_cancelled && self->services.is_cancelled(); }));
        return cancelled ? 1 : 0;
    }

    static sotto_status parallel_for(const sotto_host* host, std::uint32_t count,
                                     void (*body)(void* data, std::uint32_t index), void* data) noexcept {
        const auto* self = static_cast<const State*>(host->host_data);
        if (!self->services.parallel_for || body == nullptr) {
            return SOTTO_UNSUPPORTED;
        }
        sotto_status status = SOTTO_INTERNAL;
        static_cast<void>(escaped_exception([&] {
            status = self->services.parallel_for(count, [body, data](std::uint32_t index) { body(data, index); })
                         ? SOTTO_OK
                         : SOTTO_UNSUPPORTED;
        }));
        return status;
    }

    static const void* get_extension(const sotto_host* /*host*/, const char* /*id*/) noexcept { return nullptr; }

    const Plugin* find(Kind kind, std::string_view id) const {
        for (const Plugin& plugin : plugins) {
            if (plugin.description.kind == kind && plugin.description.id == id) {
                return &plugin;
            }
        }
        return nullptr;
    }

    const Description* find_scanned(Kind kind, std::string_view id) const {
        for (const Description& description : scanned) {
            if (description.kind == kind && description.id == id) {
                return &description;
            }
        }
        return nullptr;
    }

    const Plugin& require(Kind kind, std::string_view id);
    std::unique_ptr<LoadedInstance> make(Kind kind, std::string_view id,
                                         const std::map<std::string, std::string>& arguments);
    const Description& require_declared(Kind kind, std::string_view id);
    Writable permission(const std::string& path) const;
    void scan(const std::string& path, Writable writable);
    void add(const sotto_plugin_entry_v1& entry, const std::string& subject, const std::string& path);
    void load(const std::string& path, Writable writable);
    std::string where_else() const;
    void check_is_new(const Description& description, std::span<const Plugin> before, const std::string& subject) const;

    HostServices services;
    sotto_host host{};
    std::deque<Plugin> plugins;  // a deque keeps references valid while it grows
    std::vector<Library> libraries;
    std::vector<Declared> declared;
    std::vector<std::string> unread;
    std::deque<Description> scanned;   // read in a child process
    std::deque<Description> isolated;  // the same, as they hold for isolated instances
};

// Throws where what is registered, or the same library before it, offers the id already.
void Registry::State::check_is_new(const Description& description, std::span<const Plugin> before,
                                   const std::string& subject) const {
    std::string owner;
    if (const Plugin* taken = find(description.kind, description.id)) {
        owner = taken->description.library.empty() ? "the program itself" : taken->description.library;
    } else if (std::any_of(before.begin(), before.end(), [&](const Plugin& other) {
                   return other.description.kind == description.kind && other.description.id == description.id;
               })) {
        owner = "the same library";
    } else {
        return;
    }
    throw PluginError(subject + ": found " + to_text(description.kind) + ' ' + quoted(description.id) + ", which " +
                      owner + " offers already; expected an id of its own");
}

void Registry::State::add(const sotto_plugin_entry_v1& entry, const std::string& subject, const std::string& path) {
    check_entry(entry, subject);
    ErrorText text;
    sotto_status status = SOTTO_OK;
    guarded(subject, "init", [&] { status = entry.init(path.empty() ? nullptr : path.c_str(), &host, text.sink()); });
    if (status != SOTTO_OK) {
        throw PluginError(subject + ": init: " + status_text(status) + ": " + text.reason());
    }
    libraries.push_back({&entry, path});
    try {
        std::vector<Plugin> offered = offered_plugins(entry, subject, path);
        for (auto plugin = offered.begin(); plugin != offered.end(); ++plugin) {
            check_is_new(plugin->description, {offered.begin(), plugin}, subject);
        }
        for (Plugin& plugin : offered) {
            plugins.push_back(std::move(plugin));
        }
    } catch (...) {
        libraries.pop_back();
        static_cast<void>(fault_of_call(subject.c_str(), "deinit", [&] { entry.deinit(); }));
        throw;
    }
}

void Registry::State::load(const std::string& path, Writable writable) {
    const std::string resolved = admit_library(path, writable);
    const auto is_same = [&](const Library& library) { return library.path == resolved; };
    if (std::any_of(libraries.begin(), libraries.end(), is_same)) {
        return;
    }
    add(open_library(resolved), "plug-in library " + quoted(resolved), resolved);
    libraries.back().writable = writable;
}

void Registry::State::scan(const std::string& path, Writable writable) {
    const std::string resolved = admit_library(path, writable);
    const auto is_here = [&](const Description& description) { return description.library == resolved; };
    if (std::any_of(libraries.begin(), libraries.end(),
                    [&](const Library& library) { return library.path == resolved; }) ||
        std::any_of(scanned.begin(), scanned.end(), is_here)) {
        return;
    }
    std::vector<Description> found = isolation::scan_library(resolved, writable, services);
    for (Description& description : found) {
        description.library = resolved;
        const Description* const other = find_scanned(description.kind, description.id);
        if (other != nullptr) {
            throw PluginError("plug-in library " + quoted(resolved) + ": found " + to_text(description.kind) + ' ' +
                              quoted(description.id) + ", which " + other->library +
                              " offers already; expected an id of its own");
        }
        check_is_new(description, {}, "plug-in library " + quoted(resolved));
    }
    for (Description& description : found) {
        declared.insert(declared.begin(), {description.kind, description.id, resolved, writable});
        scanned.push_back(std::move(description));
    }
}

// What was allowed when the library was loaded or scanned.
Writable Registry::State::permission(const std::string& path) const {
    const auto is_here = [&](const auto& one) { return one.path == path && one.writable == Writable::allow; };
    return std::any_of(libraries.begin(), libraries.end(), is_here) ||
                   std::any_of(declared.begin(), declared.end(), is_here)
               ? Writable::allow
               : Writable::refuse;
}

// What a plug-in declares, without loading it into this process.
const Description& Registry::State::require_declared(Kind kind, std::string_view id) {
    if (const Description* description = find_scanned(kind, id)) {
        return *description;
    }
    if (find(kind, id) == nullptr) {
        const auto wanted = std::find_if(declared.begin(), declared.end(),
                                         [&](const Declared& one) { return one.kind == kind && one.id == id; });
        if (wanted != declared.end()) {
            const std::string path = wanted->path;
            scan(path, wanted->writable);
            if (const Description* description = find_scanned(kind, id)) {
                return *description;
            }
            throw PluginError("plug-in library " + quoted(path) + ": found no " + to_text(kind) + ' ' + quoted(id) +
                              ", expected it there");
        }
    }
    return require(kind, id).description;
}

// How a plug-in that is not known becomes so.
std::string Registry::State::where_else() const {
    std::vector<std::string_view> still_unread;
    for (const std::string& path : unread) {
        if (std::none_of(libraries.begin(), libraries.end(),
                         [&](const Library& library) { return library.path == path; })) {
            still_unread.emplace_back(path);
        }
    }
    return (still_unread.empty() ? std::string()
                                 : "; not looked into, as no manifest beside them states their ids: " +
                                       input::list_names(still_unread)) +
           "; the library of another is named with --plugin, or under 'plugins' of a configuration";
}

const Plugin& Registry::State::require(Kind kind, std::string_view id) {
    if (const Plugin* plugin = find(kind, id)) {
        return *plugin;
    }
    const auto is_wanted = [&](const Declared& one) { return one.kind == kind && one.id == id; };
    const auto wanted = std::find_if(declared.begin(), declared.end(), is_wanted);
    if (wanted != declared.end()) {
        load(wanted->path, wanted->writable);
        if (const Plugin* plugin = find(kind, id)) {
            return *plugin;
        }
        throw PluginError("plug-in library " + quoted(wanted->path) + ": found no " + to_text(kind) + ' ' + quoted(id) +
                          ", expected it there");
    }
    std::vector<std::string_view> known;
    for (const Plugin& plugin : plugins) {
        if (plugin.description.kind == kind) {
            known.emplace_back(plugin.description.id);
        }
    }
    for (const Declared& one : declared) {
        if (one.kind == kind && std::find(known.begin(), known.end(), one.id) == known.end()) {
            known.emplace_back(one.id);
        }
    }
    const std::string_view nearest = input::nearest_name(id, known);
    throw PluginError("unknown " + to_text(kind) + ": found " + quoted(id) + ", expected " +
                      (known.empty() ? "none: no " + to_text(kind) + " is registered" : input::list_names(known)) +
                      (nearest.empty() ? "" : "; did you mean " + quoted(nearest) + "?") + where_else());
}

Registry::Registry(HostServices services) : state_(std::make_unique<State>(std::move(services))) {}

Registry::~Registry() = default;

void Registry::add_built_in(const sotto_plugin_entry_v1& entry, std::string_view where) {
    state_->add(entry, "built-in plug-in " + quoted(where), {});
}

void Registry::load_library(const std::string& path, Writable writable) {
    state_->load(path, writable);
}

const Description& Registry::describe(Kind kind, std::string_view id, const Isolation& isolation) {
    if (isolation.mode == Isolation::Mode::none) {
        return state_->require(kind, id).description;
    }
    const Description& declared = state_->require_declared(kind, id);
    for (const Description& known : state_->isolated) {
        if (known.kind == declared.kind && known.id == declared.id) {
            return known;
        }
    }
    return state_->isolated.emplace_back(isolation::isolated(declared));
}

void Registry::scan_library(const std::string& path, Writable writable) {
    state_->scan(path, writable);
}

void Registry::declare_loadable(Kind kind, std::string_view id, const std::string& path) {
    state_->declared.push_back({kind, std::string(id), path, Writable::refuse});
}

void Registry::note_unread_library(const std::string& path) {
    state_->unread.push_back(path);
}

std::unique_ptr<Instance> Registry::create(Kind kind, std::string_view id,
                                           const std::map<std::string, std::string>& arguments,
                                           const Isolation& isolation) {
    if (isolation.mode == Isolation::Mode::process) {
        const Description& declared = state_->require_declared(kind, id);
        complete_arguments(declared, arguments);
        return std::make_unique<isolation::IsolatedInstance>(declared, state_->permission(declared.library), arguments,
                                                             state_->services, isolation);
    }
    return state_->make(kind, id, arguments);
}

std::vector<std::string> Registry::offered_extensions(Kind kind, std::string_view id,
                                                      const std::map<std::string, std::string>& arguments) {
    return state_->make(kind, id, arguments)->offered_extensions();
}

std::unique_ptr<LoadedInstance> Registry::State::make(Kind kind, std::string_view id,
                                                      const std::map<std::string, std::string>& arguments) {
    const Plugin& plugin = require(kind, id);
    const Description& description = plugin.description;
    const auto complete = complete_arguments(description, arguments);
    std::vector<sotto_argument> flat;
    std::vector<const sotto_argument*> pointers;
    flat.reserve(complete.size());
    pointers.reserve(complete.size());
    for (const auto& [name, value] : complete) {
        pointers.push_back(&flat.emplace_back(sotto_argument{sizeof(sotto_argument), 0, name.c_str(), value.c_str()}));
    }
    const std::string subject =
        to_text(kind) + ' ' + quoted(id) + (description.library.empty() ? "" : " (" + description.library + ')');
    ErrorText text;
    sotto_instance* instance = nullptr;
    sotto_status status = SOTTO_INTERNAL;
    const std::string fault = fault_of_call(subject.c_str(), "create", [&] {
        status = plugin.factory->create(plugin.factory, &host, description.id.c_str(), pointers.data(),
                                        static_cast<std::uint32_t>(pointers.size()), &instance, text.sink());
    });
    if (!fault.empty()) {
        if (status == SOTTO_OK && instance != nullptr && has_sound_size(*instance) && instance->destroy != nullptr) {
            static_cast<void>(fault_of_call(subject.c_str(), "destroy", [&] { instance->destroy(instance); }));
        }
        throw PluginError(subject + ": create: " + fault);
    }
    if (status != SOTTO_OK) {
        throw PluginError(subject + ": cannot be created: " + status_text(status) + ": " + text.reason());
    }
    if (instance == nullptr) {
        throw PluginError(subject + ": create says that all is well, found a null instance, expected an instance");
    }
    if (!has_sound_size(*instance) || instance->destroy == nullptr || instance->evaluate_batch == nullptr) {
        throw PluginError(subject + ": created an incomplete instance: found struct_size " +
                          std::to_string(instance->struct_size) + ", expected " + sound_sizes<sotto_instance>() +
                          ", with destroy and evaluate_batch");
    }
    return std::make_unique<LoadedInstance>(instance, description);
}

std::vector<Description> Registry::list() const {
    std::vector<Description> descriptions;
    descriptions.reserve(state_->plugins.size());
    for (const Plugin& plugin : state_->plugins) {
        descriptions.push_back(plugin.description);
    }
    for (const Description& description : state_->scanned) {
        if (state_->find(description.kind, description.id) == nullptr) {
            descriptions.push_back(description);
        }
    }
    return descriptions;
}

}  // namespace sotto::plugin
