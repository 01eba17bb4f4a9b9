// SPDX-License-Identifier: Apache-2.0
// Any bytes are either answered with an InputError, or are records that give back the bytes.
#include <cstddef>
#include <cstdint>
#include <string>

#include "engine/input/input_error.hpp"
#include "plugins/accuracy/images/cifar10.hpp"
#include "tests/fuzz/require.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sotto;
    const std::string bytes(data, data + size);
    accuracy::ImageData images;
    try {
        accuracy::append_cifar10(bytes, "fuzz.bin", images);
    } catch (const input::InputError& error) {
        require(error.parts().location.file == "fuzz.bin" && !error.parts().problem.empty(),
                "an error without its file or reason");
        return 0;
    }
    std::string again;
    for (std::size_t index = 0; index < images.count(); ++index) {
        require(images.labels[index] < images.classes, "a label that is no class");
        again += static_cast<char>(images.labels[index]);
        again.append(images.image(index).begin(), images.image(index).end());
    }
    require(again == bytes, "written again, the records have changed");
    return 0;
}
