// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "sotto/plugin.h"

namespace sotto::plugin {

/// Bytes of a struct that a plug-in fills, as it was in the first release of version 1 of the ABI: what a plug-in built
/// then declares, and the least that is accepted. Members appended later are read only where SOTTO_HAS tells that they
/// are there.
template <typename Struct>
inline constexpr std::size_t least_size = 0;

template <>
inline constexpr std::size_t least_size<sotto_plugin_entry_v1> = SOTTO_SIZE_UP_TO(sotto_plugin_entry_v1, get_factory);
template <>
inline constexpr std::size_t least_size<sotto_factory> = SOTTO_SIZE_UP_TO(sotto_factory, create);
template <>
inline constexpr std::size_t least_size<sotto_descriptor> = SOTTO_SIZE_UP_TO(sotto_descriptor, reserved);
template <>
inline constexpr std::size_t least_size<sotto_metric> = SOTTO_SIZE_UP_TO(sotto_metric, description);
template <>
inline constexpr std::size_t least_size<sotto_parameter> = SOTTO_SIZE_UP_TO(sotto_parameter, choices);
template <>
inline constexpr std::size_t least_size<sotto_instance> = SOTTO_SIZE_UP_TO(sotto_instance, get_extension);
template <>
inline constexpr std::size_t least_size<sotto_per_operation> = SOTTO_SIZE_UP_TO(sotto_per_operation, evaluate_batch);
template <>
inline constexpr std::size_t least_size<sotto_uncertainty> = SOTTO_SIZE_UP_TO(sotto_uncertainty, evaluate_batch);
template <>
inline constexpr std::size_t least_size<sotto_calibrate> = SOTTO_SIZE_UP_TO(sotto_calibrate, load);
template <>
inline constexpr std::size_t least_size<sotto_incremental> = SOTTO_SIZE_UP_TO(sotto_incremental, release);

/// No struct of the ABI, nor the stride of an array of them, will ever come near this: what is above it is no size.
inline constexpr std::size_t largest_size = 65536;

/// Whether `given`, which a plug-in filled, has at least the members of the first release, and a size that can be.
template <typename Struct>
bool has_sound_size(const Struct& given) noexcept {
    static_assert(least_size<Struct> > 0);
    return given.struct_size >= least_size<Struct> && given.struct_size <= largest_size;
}

/// `at least 32 and at most 65536`.
template <typename Struct>
std::string sound_sizes() {
    return "at least " + std::to_string(least_size<Struct>) + " and at most " + std::to_string(largest_size);
}

}  // namespace sotto::plugin
