// SPDX-License-Identifier: Apache-2.0
#include "engine/plugin/library_digest.hpp"

#include <array>
#include <fstream>
#include <memory>
#include <new>

#include <xxhash.h>

#include "engine/arch/canonical_hash.hpp"
#include "engine/plugin/description.hpp"

namespace sotto::plugin {

std::string library_digest(const std::string& path) {
    const std::unique_ptr<XXH3_state_t, decltype(&XXH3_freeState)> state(XXH3_createState(), &XXH3_freeState);
    if (state == nullptr) {
        throw std::bad_alloc();
    }
    XXH3_128bits_reset(state.get());
    std::ifstream file(path, std::ios::binary);
    std::array<char, 1U << 16U> piece{};
    while (file) {
        file.read(piece.data(), static_cast<std::streamsize>(piece.size()));
        XXH3_128bits_update(state.get(), piece.data(), static_cast<std::size_t>(file.gcount()));
    }
    if (!file.eof()) {
        throw PluginError("plug-in library '" + path + "' cannot be read");
    }
    const XXH128_hash_t hash = XXH3_128bits_digest(state.get());
    return to_text(arch::CanonicalHash{hash.high64, hash.low64});
}

}  // namespace sotto::plugin
