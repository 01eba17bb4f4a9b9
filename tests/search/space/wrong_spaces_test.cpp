// SPDX-License-Identifier: Apache-2.0
// Every file in wrong/ has one fault; loading it answers with the line of the fault and what is named here.
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "engine/input/input_error.hpp"
#include "search/space/space.hpp"
#include "tests/support/catch.hpp"

namespace sotto::search {
namespace {

struct WrongSpace {
    std::string name;
    int line;
    std::vector<std::string> phrases;  ///< problem, found, expected, nearest: what the answer must say
};

const std::vector<WrongSpace> wrong_spaces{
    {"unknown_key_of_space", 11, {"unknown key of 'space'", "found 'defines'", "did you mean 'define'?"}},
    {"missing_layers", 20, {"unknown key", "'blokcs'", "did you mean 'blocks'?"}},
    {"missing_input", 4, {"'space' lacks a key", "expected 'input'"}},
    {"input_shape_length", 5, {"wrong length", "a list of 2", "[channels, height, width]"}},
    {"choice_wrong_type", 7, {"choice 'width' has the wrong type", "found '16'", "a list of alternatives"}},
    {"choice_empty", 7, {"choice 'width' has no alternatives", "a list of 0", "at least one"}},
    {"choice_duplicate", 7, {"stands twice", "found '16'", "each alternative once"}},
    {"choice_mixed", 7, {"mixes numbers and words", "found 'wide'", "one type"}},
    {"choice_fraction", 7, {"wrong type", "found '2.5'", "a whole number"}},
    {"choice_two_ways", 8, {"not given in one way", "'same_as'"}},
    {"empty_range", 8, {"empty range", "found '1'", "at least 3"}},
    {"range_unknown_key", 8, {"unknown key of choice 'depth'", "'stepp'", "did you mean 'step'?"}},
    {"reserved_name", 10, {"takes a name of the language", "found 'index'"}},
    {"unused_choice", 11, {"a choice is never used", "found 'spare'"}},
    {"name_twice", 12, {"declared twice", "found 'width'"}},
    {"choice_cycle", 10, {"depends on itself", "flag -> other -> flag", "without a cycle"}},
    {"definition_cycle", 12, {"'wide' depends on itself", "wide -> wider -> wide"}},
    {"otherwise_without_when", 9, {"has 'otherwise' and is always there", "'when' beside it"}},
    {"otherwise_wrong_type", 7, {"wrong type", "found 'none'", "'16'"}},
    {"same_as_not_a_choice", 10, {"'same_as' does not name a choice", "found 'wide'"}},
    {"unknown_name_in_expression", 12, {"uses an unknown name", "found 'widht'", "did you mean 'width'?"}},
    {"unknown_function", 12, {"calls an unknown function", "'maxx'", "did you mean 'max'?"}},
    {"wrong_argument_count", 12, {"wrong number of arguments", "found 1", "expected 2"}},
    {"division_by_zero", 12, {"divides by zero", "found 0", "a divisor that is not 0"}},
    {"division_by_a_choice_of_zero", 12, {"no value", "division by zero"}},
    {"pick_beyond", 12, {"picks a value that is not there", "found 2", "0 to 1"}},
    {"pick_negative", 12, {"picks a value that is not there", "found -1", "0 to 1"}},
    {"pick_impossible", 12, {"picks a value that is not there", "0 to 1"}},
    {"pick_beyond_choice", 12, {"no value", "'pick' with a number below 0 or beyond its values"}},
    {"pick_types", 12, {"operand of the wrong type", "found a word", "expected a number"}},
    {"pick_word", 12, {"operand of the wrong type", "found a word", "expected a number"}},
    {"pick_nothing", 12, {"gives pick the wrong number of arguments", "found 1", "expected 2 to 65"}},
    {"unreadable_expression", 12, {"cannot be read", "found '*'", "a number, a name"}},
    {"single_equals", 22, {"cannot be read", "'=='"}},
    {"unclosed_bracket", 12, {"cannot be read", "found its end", "expected ')'"}},
    {"operand_type", 12, {"operand of the wrong type", "found a word", "expected a number"}},
    {"condition_type", 22, {"condition has the wrong type", "found a number", "true or false"}},
    {"word_no_alternative", 22, {"no alternative", "found 'max_poool'", "did you mean 'max_pool'?"}},
    {"count_outside_require", 12, {"reads a count of the finished network", "'params'"}},
    {"unknown_layer_type", 23, {"unknown layer type", "'global_averag_pool'", "did you mean 'global_average_pool'?"}},
    {"unknown_layer_key", 20, {"unknown key of a layer", "'kernal'", "did you mean 'kernel'?"}},
    {"missing_layer_key", 20, {"lacks a key", "expected 'kernel'"}},
    {"key_of_another_type", 23, {"unknown key of a layer of type", "'kernel'"}},
    {"attribute_out_of_range", 20, {"channels is out of range", "found -32 to 0", "1 to 1048576"}},
    {"padding_word", 17, {"'sam'", "unknown name"}},
    {"type_choice_no_type", 22, {"unknown layer type", "'median_pool'"}},
    {"part_without_kind", 23, {"unknown key of a part", "'typ'", "did you mean 'type'?"}},
    {"part_two_kinds", 23, {"not given in one way"}},
    {"duplicate_part", 23, {"name stands twice", "found 'stem'"}},
    {"unknown_part", 23, {"names an unknown part", "'shrinc'", "did you mean 'shrink'?"}},
    {"part_of_itself", 23, {"unknown part", "'pooled'"}},
    {"iteration_missing", 23, {"does not say which iteration", "'body[0]'"}},
    {"iteration_out_of_range", 23, {"an iteration that does not exist", "found 7", "0 to 2"}},
    {"unknown_block", 21, {"unknown block", "'unti'", "did you mean 'unit'?"}},
    {"unused_block", 19, {"a block is never used", "'spare'"}},
    {"block_recursion", 19, {"block 'unit' contains itself", "unit -> unit", "without a cycle"}},
    {"unknown_parameter", 21, {"unknown parameter of block 'unit'", "'channel'", "did you mean 'channels'?"}},
    {"missing_parameter", 21, {"lacks a parameter", "'channels'"}},
    {"repeat_unbounded", 21, {"out of range", "found 15000", "0 to 1024"}},
    {"repeat_type", 21, {"repeat has the wrong type", "found true or false"}},
    {"repeat_on_shape", 21, {"depends on the shape of a layer", "'height(stem)'"}},
    {"layer_leads_nowhere", 23, {"never leads to the output", "'lost'"}},
    {"add_one_input", 23, {"wrong number of inputs", "found 1", "at least 2"}},
    {"impossible_shape", 20, {"no valid network", "window 33x33 is larger", "3x32x32"}},
    {"impossible_add", 23, {"no valid network", "differ"}},
    {"requirement_impossible", 26, {"no valid network", "'params <= 10'"}},
    {"requirement_type", 26, {"requirement has the wrong type", "found a number", "true or false"}},
    {"baseline_not_alternative", 27, {"a value that choice 'width' does not have", "found '24'", "'16' or '32'"}},
    {"baseline_word", 27, {"found 'maxpool'", "did you mean 'max_pool'?"}},
    {"baseline_unknown_choice", 27, {"names an unknown choice", "'widt'", "did you mean 'width'?"}},
    {"baseline_missing", 27, {"no value to an active choice", "'depth'"}},
    {"select_missing_case", 23, {"lacks a case", "'average_pool'"}},
    {"select_unknown_case", 23, {"never takes", "'average_poool'", "did you mean 'average_pool'?"}},
    {"choice_on_shape", 19, {"depends on the shape of a layer", "'more'"}},
};

const std::string directory = SOTTO_SOURCE_DIRECTORY "/tests/search/space/wrong/";

TEST_CASE("every wrong space is answered with its line, what was found, what was expected and the nearest name") {
    for (const WrongSpace& wrong : wrong_spaces) {
        const std::string path = directory + wrong.name + ".yaml";
        std::string answer = "no error";
        input::SourceLocation location;
        try {
            (void)Space::load_file(path);
        } catch (const input::InputError& error) {
            answer = error.what();
            location = error.parts().location;
        }
        INFO(wrong.name << ": " << answer);
        CHECK(location.file == path);
        CHECK(location.line == wrong.line);
        for (const std::string& phrase : wrong.phrases) {
            INFO("lacks: " << phrase);
            CHECK(answer.find(phrase) != std::string::npos);
        }
    }
}

TEST_CASE("every file of wrong spaces has its line in the table") {
    std::set<std::string> files;
    for (const auto& entry : std::filesystem::directory_iterator(directory)) {
        files.insert(entry.path().stem().string());
    }
    std::set<std::string> listed;
    for (const WrongSpace& wrong : wrong_spaces) {
        listed.insert(wrong.name);
    }
    CHECK(files == listed);
}

}  // namespace
}  // namespace sotto::search
