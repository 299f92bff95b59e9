#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "schemas/ids.h"
#include "schemas/records/account_part.h"
#include "schemas/records/any_part.h"
#include "schemas/records/control_part.h"
#include "schemas/records/task_part.h"

// Records: the durable facts. A part is what its records say, folded in order; nothing else changes state. A record
// belongs to one part, which is not repeated in it. Free text is never in a record: it is content, kept and erased
// elsewhere, and a record holds at most its salted digest. Numbers are never reused.
namespace tally {

using Record = std::variant<TransferPosted, PayoutPosted, MailSent, MailDelivered, MailReceived, CommandKept,
                            DeadlinesMoved,  //
                            AccountPartCreated, AccountCreated, InvitationIssued, KeyEnrolled, AccountSuspended,
                            PayoutAddressSet, ProjectNumbered, PayoutRunMade, PayoutRunSettled, QualificationGranted,
                            QualificationRevoked, StandingCounted, GrantOpened, GrantRenewed, GrantEnded,  //
                            ProjectCreated, ProjectStateChanged, DeadlineSet, PartNoted, WorkerCounted, GoldAnswered,
                            TrainingAnswered, TrainingEnded, SkillsLearned,  //
                            TaskPartCreated, TasksPosted, PartStateChanged, AssignmentLeased, AssignmentEnded,
                            AnswerAccepted, VerdictReached, TaskAudited, PayDecided, WorkerIntroduced, ProjectKnown>;

// Content: free text and other personal matter, in a table of its own so that it can be erased.
enum class ContentKind {
  item,            // no = task: MessagePack of Item
  answer,          // no = assignment: MessagePack of SubmittedAnswer's values
  rejection,       // no = assignment: text
  transfer_note,   // no = transfer: text
  display_name,    // no = account: text
  payout_address,  // no = account: text
  suspension,      // no = account: text
};
template <>
struct EnumNames<ContentKind> {
  static constexpr std::array<std::string_view, 7> names{"item",         "answer",         "rejection", "transfer_note",
                                                         "display_name", "payout_address", "suspension"};
};

struct Content {
  PartId part;
  ContentKind kind = ContentKind::item;
  std::int64_t no = 0;
  std::string body;
};

}  // namespace tally
