#pragma once

#include "broker/part_loader.h"
#include "tools/sim/model_database.h"

namespace tally::sim {

// What broker::part_loader() does with a Store, with the model.
[[nodiscard]] broker::LoaderResult do_for_loop(ModelDatabase& database, const ModelDatabase::Owner& owner,
                                               const broker::LoaderJob& job);

}  // namespace tally::sim
