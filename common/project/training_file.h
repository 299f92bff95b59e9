#pragma once

#include <cstddef>
#include <iosfwd>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "schemas/project_spec.h"

// The training file: CSV like the items file, one training task a row, with the same columns in any order, and with
// "_gold.FIELD" for what is right (choices joined with "; ", as results have them; an empty cell: nothing is known of
// this field) and, if one likes, "_explanation".
namespace tally::project {

inline constexpr std::size_t training_file_bytes_max = 1'000'000;

// The tasks, with their values in the order of the spec's columns. The error is every mistake, in the order of lines:
// "training.csv:3: …". It holds what the file says: make it safe before it is shown. `file` is the name to show.
// REQUIRES a spec with a right form and the columns of the items file; a stream at its beginning, open in binary mode.
[[nodiscard]] Result<std::vector<TrainingTask>, std::vector<std::string>> read_training(std::istream& in,
                                                                                        const ProjectSpec& spec,
                                                                                        const std::string& file);

// The values of a cell: of choices those that are joined in it, of other types one.
[[nodiscard]] std::vector<std::string> gold_from_cell(const FieldSpec& field, const std::string& cell);

}  // namespace tally::project
