#pragma once

#include <variant>

#include "schemas/messages/admin.h"
#include "schemas/messages/requester.h"
#include "schemas/messages/session.h"
#include "schemas/messages/worker.h"

// The two lists that make a struct a message. Numbers are never reused; schemas/golden/ holds a vector for each.
namespace tally {

using Request = std::variant<Hello, Join, OpenGrant, RenewGrant, EndGrants, ListGrants,  //
                             Pull, Submit, HandBack, TakeBackSkip, DescribeProject, Earnings, SetPayoutAddress, Train,
                             GetStanding,  //
                             OpenProject, PostItems, ListProjects, GetStatus, GetResults, Review, Bonus, Extend,
                             ChangeProject, GetBalance, GetSupport,  //
                             Invite, Suspend, ListAccounts, Deposit, Reverse, TraceAudit, VerifyAudit, ExportPayouts,
                             SettlePayouts, GrantQualification, ListQualified>;

using Reply = std::variant<Refused, Acknowledged, Welcome, Joined, Tasks, Submitted, ProjectDescription, EarningsPage,
                           ProjectOpened, ItemsPosted, ProjectsPage, ProjectStatus, ResultsPage, Balance, Invited,
                           AccountsPage, Deposited, AuditTrace, AuditPage, PayoutFile, TrainingStep, StandingPage,
                           SupportReport, QualifiedPage, Granted, GrantsPage>;

// The protocol's name and version, the first line of every message. Another version is answered by a Refused that
// every version can read.
inline constexpr const char* protocol_name = "tally/1";

}  // namespace tally
