// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>

#include "cost_models/model_file/model_file.hpp"

namespace sotto::model_file {

/// A file of the source tree inside a program or plug-in; made by the CMake function sotto_embed_files.
struct EmbeddedFile {
    std::string_view name;  ///< without folders: `analytical-opencheetah-2022-lan.model`
    std::string_view bytes;
};

inline constexpr std::array<std::string_view, 3> setting_names = {"local", "lan", "wan"};

/// The parameters that every cost model declares, with these names, defaults and help texts.
struct Choice {
    static constexpr const char* setting_name = "setting";
    static constexpr const char* setting_default = "lan";
    static constexpr const char* setting_help =
        "where the parties stand: one machine (local), LAN (7 Gbit/s, 0.5 ms) or WAN (380 Mbit/s, 10 ms)";
    static constexpr const char* engine_name = "engine";
    static constexpr const char* engine_default = "opencheetah-2022";
    static constexpr const char* engine_help = "the secure engine whose times are predicted";
    static constexpr const char* file_name = "file";
    static constexpr const char* file_default = "";
    static constexpr const char* file_help = "path of a model file; empty: the one that ships for setting and engine";
    /// Models that take another link than their setting declares these as well, as numbers; 0: that of the model file.
    static constexpr const char* bandwidth_name = "bandwidth_mbps";
    static constexpr const char* rtt_name = "rtt_ms";

    std::string setting = setting_default;
    std::string engine = engine_default;
    std::string file = file_default;

    /// Takes an argument. Throws input::InputError for a name that is none of the three.
    void set(std::string_view parameter, std::string_view value);
};

/// A model file and how errors call it.
struct OpenedModel {
    ModelFile model;
    std::string name;  ///< path, or the name of the embedded file
};

/// The model that `choice` asks of the cost model `id`: the file it names, else the one among `shipped` that is called
/// ID-ENGINE-SETTING.model. A combination that does not ship is refused with those that do, a file of another model,
/// setting or engine with what it is for: input::InputError.
OpenedModel open_model(std::string_view id, const Choice& choice, std::span<const EmbeddedFile> shipped);

}  // namespace sotto::model_file
