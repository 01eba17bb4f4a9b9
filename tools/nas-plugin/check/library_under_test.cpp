// SPDX-License-Identifier: Apache-2.0
#include "tools/nas-plugin/check/library_under_test.hpp"

#include <mutex>

#include "engine/plugin/abi_size.hpp"
#include "engine/plugin/descriptor_check.hpp"
#include "engine/plugin/error_text.hpp"
#include "engine/plugin/library_rules.hpp"
#include "engine/plugin/shared_library.hpp"
#include "tools/installed/built_in_plugins.hpp"

namespace sotto::check {
namespace {

std::mutex modes_mutex;
std::string modes_changed_by;

}  // namespace

void note_changed_modes(const std::string& function) {
    const std::lock_guard lock(modes_mutex);
    if (modes_changed_by.empty()) {
        modes_changed_by = function;
    }
}

std::string changed_modes() {
    const std::lock_guard lock(modes_mutex);
    return modes_changed_by;
}

const char* factory_id(plugin::Kind kind) {
    return kind == plugin::Kind::cost_model ? SOTTO_COST_MODEL_FACTORY : SOTTO_ACCURACY_PROXY_FACTORY;
}

LibraryUnderTest::LibraryUnderTest(const Context& context) {
    if (context.library.find('/') == std::string::npos) {
        for (const tools::BuiltInPlugin& built_in : tools::built_in_plugins()) {
            if (built_in.name == context.library) {
                entry_ = built_in.entry;
            }
        }
        if (entry_ == nullptr) {
            fail("found no built-in plug-in '" + context.library + '\'');
        }
    } else {
        path_ = plugin::admit_library(context.library,
                                      context.allow_writable ? plugin::Writable::allow : plugin::Writable::refuse);
        entry_ = &plugin::open_library(path_);
    }
    plugin::check_entry(*entry_, path_.empty() ? context.library + " (built in)" : "plug-in library '" + path_ + '\'');
}

void LibraryUnderTest::init() {
    plugin::ErrorText text;
    sotto_status status = SOTTO_INTERNAL;
    guarded("init",
            [&] { status = entry_->init(path_.empty() ? nullptr : path_.c_str(), &host_.host(), text.sink()); });
    if (status != SOTTO_OK) {
        fail("init: " + plugin::status_text(status) + ": " + text.reason());
    }
}

void LibraryUnderTest::deinit() {
    guarded("deinit", [&] { entry_->deinit(); });
}

const sotto_factory* LibraryUnderTest::factory(const char* id) const {
    const sotto_factory* found = nullptr;
    guarded("get_factory", [&] { found = entry_->get_factory(id); });
    return found;
}

std::vector<Offered> LibraryUnderTest::offered() const {
    constexpr std::uint32_t most_plugins = 1024;
    std::vector<Offered> all;
    for (const plugin::Kind kind : {plugin::Kind::cost_model, plugin::Kind::accuracy_proxy}) {
        const sotto_factory* made = factory(factory_id(kind));
        if (made == nullptr) {
            continue;
        }
        if (!plugin::has_sound_size(*made) || made->count == nullptr || made->descriptor == nullptr ||
            made->create == nullptr) {
            fail(std::string("factory ") + factory_id(kind) + " is incomplete: found struct_size " +
                 std::to_string(made->struct_size) + ", expected count, descriptor and create");
        }
        std::uint32_t count = 0;
        guarded("count", [&] { count = made->count(made); });
        if (count > most_plugins) {
            fail("found " + std::to_string(count) + " plug-ins, expected at most " + std::to_string(most_plugins));
        }
        for (std::uint32_t i = 0; i < count; ++i) {
            const sotto_descriptor* descriptor = nullptr;
            guarded("descriptor", [&] { descriptor = made->descriptor(made, i); });
            all.push_back({kind, made, descriptor, plugin::check_descriptor(descriptor, kind, path_)});
        }
    }
    if (all.empty()) {
        fail("found no plug-in, expected at least one of '" SOTTO_COST_MODEL_FACTORY
             "' or '" SOTTO_ACCURACY_PROXY_FACTORY "'");
    }
    return all;
}

Offered LibraryUnderTest::find(const Context& context) const {
    for (Offered& one : offered()) {
        if (one.kind == context.kind && one.description.id == context.plugin) {
            return std::move(one);
        }
    }
    fail("found no plug-in '" + context.plugin + "'");
}

}  // namespace sotto::check
