// SPDX-License-Identifier: Apache-2.0
#include "plugins/accuracy/training/content_hash.hpp"

#include <array>
#include <cstdint>
#include <cstdio>
#include <new>

#include <xxhash.h>

namespace sotto::accuracy {

void ContentHash::Free::operator()(XXH3_state_s* state) const {
    XXH3_freeState(state);
}

ContentHash::ContentHash() : state_(XXH3_createState()) {
    if (state_ == nullptr) {
        throw std::bad_alloc();
    }
    XXH3_128bits_reset(state_.get());
}

void ContentHash::add(const void* bytes, std::size_t count) {
    const std::uint64_t length = count;
    XXH3_128bits_update(state_.get(), &length, sizeof length);
    XXH3_128bits_update(state_.get(), bytes, count);
}

std::string ContentHash::text() const {
    const XXH128_hash_t hash = XXH3_128bits_digest(state_.get());
    std::array<char, 33> text{};
    std::snprintf(text.data(), text.size(), "%016llx%016llx", static_cast<unsigned long long>(hash.high64),
                  static_cast<unsigned long long>(hash.low64));
    return text.data();
}

}  // namespace sotto::accuracy
