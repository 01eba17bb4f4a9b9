// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string_view>

// The keys of a coefficient file, for its reader and its writer.
namespace sotto::analytical::format {

inline constexpr std::string_view format = "format";
inline constexpr std::string_view format_name = "sotto.analytical-coefficients/1";
inline constexpr std::string_view fits = "fits";
inline constexpr std::array<std::string_view, 7> text_keys = {"model",    "predicts", "source",     "data",
                                                              "left_out", "method",   "substitutes"};
inline constexpr std::array<std::string_view, 9> root_keys = {
    format, text_keys[0], text_keys[1], text_keys[2], text_keys[3], text_keys[4], text_keys[5], text_keys[6], fits};

inline constexpr std::string_view setting = "setting";
inline constexpr std::string_view role = "role";
inline constexpr std::string_view layer = "layer";
inline constexpr std::string_view rows = "rows";
inline constexpr std::string_view rows_left_out = "rows_left_out";
inline constexpr std::string_view intercept_ms = "intercept_ms";
inline constexpr std::string_view features = "features";
inline constexpr std::string_view in_sample = "in_sample";
inline constexpr std::string_view shuffled_rows = "shuffled_rows";
inline constexpr std::string_view unseen_configurations = "unseen_configurations";
inline constexpr std::array<std::string_view, 10> fit_keys = {
    setting, role, layer, rows, rows_left_out, intercept_ms, features, in_sample, shuffled_rows, unseen_configurations};

inline constexpr std::string_view feature = "feature";
inline constexpr std::string_view ms_per_unit = "ms_per_unit";
inline constexpr std::string_view least = "least";
inline constexpr std::string_view most = "most";
inline constexpr std::array<std::string_view, 4> feature_keys = {feature, ms_per_unit, least, most};

inline constexpr std::string_view r2 = "r2";
inline constexpr std::string_view mae_ms = "mae_ms";
inline constexpr std::array<std::string_view, 2> error_keys = {r2, mae_ms};

}  // namespace sotto::analytical::format
