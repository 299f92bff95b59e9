#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "common/net/client.h"
#include "schemas/messages.h"
#include "schemas/project_spec.h"

// A project from the outside: posted, watched, read, audited. Everything throws std::runtime_error where the broker
// refuses.
namespace tally::stack {

// `answers_max`: 0 unless the items carry numbers of answers of their own. What it costs must be in the wallet.
[[nodiscard]] ProjectId post_project(net::BrokerClient& requester, const ProjectSpec& spec,
                                     const std::vector<Item>& items, std::int64_t answers_max);

// Asks for the status again and again until it is as wanted; throws when that takes longer than `most`.
using Wanted = std::function<bool(const ProjectStatus&)>;
ProjectStatus wait_for_status(net::BrokerClient& requester, ProjectId project, const Wanted& wanted, Duration most);

// The requester's wallet once nothing is on its way to it: the status of an ended project counts a refund as soon as it
// is sent. Throws when that takes longer than a minute.
[[nodiscard]] Micros settled_wallet(net::BrokerClient& requester);

// Every task of the project with its answers, in the order of the items.
using TakeResult = std::function<void(const ResultRow&)>;
void for_each_result(net::BrokerClient& requester, ProjectId project, const TakeResult& take);

// The whole of the audit: "clean", or the first thing that is wrong.
[[nodiscard]] std::string audit(net::BrokerClient& admin);

}  // namespace tally::stack
