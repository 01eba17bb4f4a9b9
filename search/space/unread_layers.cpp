// SPDX-License-Identifier: Apache-2.0
#include "search/space/unread_layers.hpp"

#include <vector>

#include "search/space/template_values.hpp"

namespace sotto::search::language {

using input::InputError;

// Slots are written before they are read, so one
// pass backwards finds all that lead to the output.
void check_layers_lead_to_output(const Program& program) {
    std::vector<bool> read(program.slots(), false);
    read[program.output_slot] = true;
    for (auto step = program.layer_steps.rbegin(); step != program.layer_steps.rend(); ++step) {
        if (step->kind == LayerStep::Kind::copy) {
            read[step->from] = read[step->from] || read[step->slot];
        }
        if (step->kind != LayerStep::Kind::layer) {
            continue;
        }
        const LayerDescription& layer = program.layers[step->index];
        if (!read[step->slot]) {
            throw InputError({layer.location,
                              "a layer never leads to the output",
                              quoted(layer.name),
                              "a later part that reads it",
                              {}});
        }
        for (std::uint32_t i = 0; i < layer.operands; ++i) {
            read[program.operand_slots[layer.first_operand + i]] = true;
        }
    }
}

}  // namespace sotto::search::language
