// The items file, row by row, with bounds so small that inputs reach them.
#include <sstream>
#include <string>

#include "common/project/items_csv.h"
#include "tests/fuzz/targets/input.h"

using namespace tally;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::istringstream in(std::string(fuzz::text_of(data, size)));
  project::ItemsLimits limits;
  limits.cell_bytes_max = 200;
  limits.row_bytes_max = 600;
  auto reader = project::ItemsReader::open(in, limits);
  if (!reader) {
    static_cast<void>(project::to_text(reader.error(), "items.csv"));
    return 0;
  }
  const std::size_t columns = reader->header().size();
  std::int64_t offset = -1;
  // Each row and each mistake takes a line of the file; without any row there is one mistake more.
  for (std::size_t rows = 0; rows <= size + 1; ++rows) {
    const auto row = reader->next();
    if (!row) {
      static_cast<void>(project::to_text(row.error(), "items.csv"));
      continue;
    }
    if (!row->has_value()) return 0;
    const project::ItemRow& item = **row;
    fuzz::require(item.item.values.size() == columns);
    fuzz::require(item.offset > offset && item.offset <= static_cast<std::int64_t>(size));
    offset = item.offset;
    for (const std::string& value : item.item.values) fuzz::require(value.size() <= limits.cell_bytes_max);
  }
  fuzz::require(false);  // It does not come to an end.
  return 0;
}
