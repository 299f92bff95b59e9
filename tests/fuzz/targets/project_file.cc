// project.toml, as a requester's program reads it, and then as the broker checks it.
#include "common/project/project_file.h"

#include <string>
#include <vector>

#include "common/project/check_spec.h"
#include "common/project/columns.h"
#include "common/project/item_template.h"
#include "tests/fuzz/targets/input.h"

using namespace tally;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto file = project::project_from_toml(fuzz::text_of(data, size), "project.toml");
  if (!file) {
    fuzz::require(file.error().starts_with("project.toml"));
    return 0;
  }
  ProjectSpec* const spec = &file->spec;
  if (!project::fit_columns(*spec, {"text", "picture"})) return 0;
  if (!project::check_spec(*spec, Time{1'800'000'000'000})) return 0;
  // What was checked can be shown.
  const std::vector<std::string> values(spec->columns.size(), "${text} $");
  static_cast<void>(project::render_template(spec->item_template, spec->columns, values));
  return 0;
}
