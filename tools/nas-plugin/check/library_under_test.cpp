// SPDX-License-Identifier: Apache-2.0
#include "tools/nas-plugin/check/library_under_test.hpp"

#include "engine/plugin/abi_size.hpp"
#include "engine/plugin/descriptor_check.hpp"
#include "engine/plugin/error_text.hpp"
#include "engine/plugin/library_rules.hpp"
#include "engine/plugin/shared_library.hpp"
#include "tools/installed/built_in_plugins.hpp"

namespace sotto::check {
namespace {

void ignore_log(const sotto_host* /*host*/, std::int32_t /*level*/, const char* /*text*/) noexcept {}

std::int32_t is_cancelled(const sotto_host* host) noexcept {
    return *static_cast<const std::atomic<bool>*>(host->host_data) ? 1 : 0;
}

// Backwards: a plug-in must not depend on the order.
sotto_status parallel_for(const sotto_host* /*host*/, std::uint32_t count,
                          void (*body)(void* data, std::uint32_t index), void* data) {
    while (count > 0) {
        body(data, --count);
    }
    return SOTTO_OK;
}

const void* no_extension(const sotto_host* /*host*/, const char* /*id*/) noexcept {
    return nullptr;
}

}  // namespace

TestHost::TestHost() {
    host_ = {sizeof(sotto_host), 0,           &is_cancelled_, "nas-plugin check", ignore_log, is_cancelled,
             parallel_for,       no_extension};
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
        if (!plugin::is_long_enough(*made) || made->count == nullptr || made->descriptor == nullptr ||
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
