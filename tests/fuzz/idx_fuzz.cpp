// SPDX-License-Identifier: Apache-2.0
// Any bytes are either answered with an InputError, or are images or labels that take every byte behind the header.
#include <cstddef>
#include <cstdint>
#include <string>

#include "engine/input/input_error.hpp"
#include "plugins/accuracy/images/idx.hpp"
#include "tests/fuzz/require.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sotto;
    const std::string bytes(data, data + size);
    const auto answer = [&](auto parse) {
        try {
            parse();
        } catch (const input::InputError& error) {
            require(error.parts().location.file == "fuzz-ubyte" && !error.parts().problem.empty(),
                    "an error without its file or reason");
            require(!error.parts().found.empty() && !error.parts().expected.empty(),
                    "an error that does not say what was found and expected");
        }
    };
    answer([&] {
        const accuracy::ImageData images = accuracy::parse_idx_images(bytes, "fuzz-ubyte");
        require(images.channels == 1 && images.height > 0 && images.width > 0, "images without a size");
        require(images.pixels.size() == size - 16 && images.pixels.size() % images.image_bytes() == 0,
                "pixels that are no whole images");
    });
    answer([&] {
        require(accuracy::parse_idx_labels(bytes, "fuzz-ubyte").size() == size - 8, "labels that are not all");
    });
    return 0;
}
