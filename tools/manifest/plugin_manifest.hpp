// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "engine/plugin/description.hpp"

namespace sotto::tools {

/// A manifest states what the plug-ins of one library declare, so that a program can check a configuration, or show
/// help, without loading the library and what it links. It is written by the build from the library itself, next to it:
/// `sotto_accuracy.so` and `sotto_accuracy.json`.

/// The manifest of `plugins`, all of one library, as JSON. The library is named by its file name alone.
std::string to_manifest(std::span<const plugin::Description> plugins, const std::string& library_file_name);

/// What a manifest states; `library` of each is the file beside it. Throws plugin::PluginError naming the file where it
/// cannot be read or has another form.
std::vector<plugin::Description> read_manifest(const std::filesystem::path& path);

/// The manifests in a folder, by file name; none where there is no such folder. A manifest whose library is missing is
/// left out.
std::vector<plugin::Description> read_manifests(const std::filesystem::path& folder);

/// Whether both declare the same, their libraries aside: a manifest that differs is of another build.
bool declares_same(const plugin::Description& left, const plugin::Description& right);

}  // namespace sotto::tools
