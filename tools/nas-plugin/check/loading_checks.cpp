// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <set>
#include <utility>

#include "tools/nas-plugin/check/check.hpp"
#include "tools/nas-plugin/check/library_under_test.hpp"

namespace sotto::check {
namespace {

using Clock = std::chrono::steady_clock;

std::string loads(const Context& context) {
    context.step("loading the library");
    LibraryUnderTest library(context);
    return "ABI version " + std::to_string(library.entry().abi_version);
}

std::string initialises(const Context& context) {
    LibraryUnderTest library(context);
    context.step("init");
    library.init();
    context.step("deinit");
    library.deinit();
    return {};
}

std::string describes_plugins(const Context& context) {
    LibraryUnderTest library(context);
    library.init();
    context.step("reading the descriptors");
    return std::to_string(library.offered().size()) + " plug-ins";
}

std::string ids_differ(const Context& context) {
    LibraryUnderTest library(context);
    library.init();
    std::set<std::pair<plugin::Kind, std::string>> seen;
    for (const Offered& one : library.offered()) {
        if (!seen.insert({one.kind, one.description.id}).second) {
            fail("found two plug-ins of one kind with the id '" + one.description.id + "', expected distinct ids");
        }
    }
    return {};
}

std::string descriptors_constant(const Context& context) {
    LibraryUnderTest library(context);
    library.init();
    const auto first = library.offered();
    const auto second = library.offered();
    if (first.size() != second.size()) {
        fail("found " + std::to_string(second.size()) + " plug-ins, expected " + std::to_string(first.size()) +
             " as before");
    }
    for (std::size_t i = 0; i < first.size(); ++i) {
        if (first[i].factory != second[i].factory || first[i].descriptor != second[i].descriptor) {
            fail("plug-in '" + first[i].description.id + "': found another factory or descriptor in the second call");
        }
        if (first[i].description != second[i].description) {
            fail("plug-in '" + first[i].description.id + "': found other values in its descriptor in the second call");
        }
    }
    return {};
}

std::string index_beyond_count(const Context& context) {
    LibraryUnderTest library(context);
    library.init();
    for (const Offered& one : library.offered()) {
        const std::uint32_t count = one.factory->count(one.factory);
        for (const std::uint32_t index : {count, count + 1, ~std::uint32_t{0}}) {
            context.step("descriptor of index " + std::to_string(index));
            const sotto_descriptor* found = nullptr;
            guarded("descriptor", [&] { found = one.factory->descriptor(one.factory, index); });
            if (found != nullptr) {
                fail("index " + std::to_string(index) + " of " + std::to_string(count) +
                     " plug-ins: found a descriptor, expected null");
            }
        }
    }
    return {};
}

std::string unknown_factory(const Context& context) {
    LibraryUnderTest library(context);
    library.init();
    for (const char* id : {"", "sotto", "sotto.cost-model", "sotto.cost-model/", "sotto.cost-model/2",
                           "sotto.cost-model/1 ", "sotto.cost-model/1x", "sotto.cost-model/10",
                           "sotto.accuracy-proxy/1x", "SOTTO.COST-MODEL/1", "org.example.unknown/1"}) {
        context.step(std::string("get_factory of '") + id + '\'');
        if (library.factory(id) != nullptr) {
            fail(std::string("get_factory('") + id + "'): found a factory, expected null");
        }
    }
    return {};
}

std::string init_counted(const Context& context) {
    LibraryUnderTest library(context);
    library.init();
    const auto before = library.offered();
    context.step("init for the second time");
    library.init();
    context.step("deinit, with one init left");
    library.deinit();
    const auto between = library.factory(factory_id(before.front().kind));
    if (between == nullptr) {
        fail("after init, init, deinit: found no factory, expected the library to work until the last deinit");
    }
    static_cast<void>(library.offered());
    library.deinit();
    context.step("init again after the last deinit");
    library.init();
    static_cast<void>(library.offered());
    library.deinit();
    return {};
}

std::string scan_time(const Context& context) {
    constexpr double quick_seconds = 0.1;
    LibraryUnderTest library(context);
    const auto start = Clock::now();
    library.init();
    static_cast<void>(library.offered());
    const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
    const std::string text = "init and descriptors took " + std::to_string(static_cast<int>(seconds * 1000)) + " ms";
    if (seconds > quick_seconds) {
        warn(text + ", expected less than 100 ms: read model files in create");
    }
    return text;
}

constexpr Check checks[] = {
    {"loads",
     "The loader takes the file: nobody else can write to it, its sotto_plugin_entry has this ABI version, no symbol "
     "is "
     "missing.",
     Scope::library, "", loads},
    {"initialises", "init and deinit succeed.", Scope::library, "loads", initialises},
    {"describes-plugins", "Every descriptor is complete and consistent: sizes, names, units, ranges, defaults.",
     Scope::library, "initialises", describes_plugins},
    {"ids-differ", "No two plug-ins of one kind have the same id.", Scope::library, "describes-plugins", ids_differ},
    {"descriptors-constant", "Factories and descriptors are the same in every call.", Scope::library,
     "describes-plugins", descriptors_constant},
    {"index-beyond-count-null", "The descriptor of an index that is not below count is null.", Scope::library,
     "describes-plugins ids-differ", index_beyond_count},
    {"unknown-factory-null", "get_factory gives null for ids it does not know, and for known ones with more behind.",
     Scope::library, "describes-plugins", unknown_factory},
    {"init-counted", "init is counted: the library works until the last deinit, and can begin again after it.",
     Scope::library, "describes-plugins", init_counted},
    {"scan-time", "init and all descriptors take less than 100 ms (warning: depends on the machine).", Scope::library,
     "describes-plugins", scan_time},
};

}  // namespace

std::span<const Check> loading_checks() {
    return checks;
}

}  // namespace sotto::check
