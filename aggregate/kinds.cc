#include "aggregate/kinds.h"

#include <algorithm>

#include "common/base/assert.h"

namespace tally::aggregate {

extern const KindOf labels_kind, texts_kind, numbers_kind, sets_kind, pairs_kind, boxes_kind;

const std::vector<const KindOf*>& all_kinds() {
  static const std::vector<const KindOf*> kinds{&labels_kind, &texts_kind, &numbers_kind,
                                                &sets_kind,   &pairs_kind, &boxes_kind};
  return kinds;
}

const KindOf& kind_of(Kind kind) {
  const auto& kinds = all_kinds();
  const auto found = std::find_if(kinds.begin(), kinds.end(), [&](const KindOf* of) { return of->kind == kind; });
  TALLY_ASSERT(found != kinds.end());
  return **found;
}

}  // namespace tally::aggregate
