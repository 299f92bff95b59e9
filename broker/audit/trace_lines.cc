#include "broker/audit/trace_lines.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "common/base/decimal.h"
#include "common/base/digest.h"
#include "common/codec/records_codec.h"
#include "common/forms/form.h"

namespace tally::audit {
namespace {

constexpr std::size_t text_max = 300;

std::string cut(std::string text) {
  if (text.size() <= text_max) return text;
  std::size_t end = text_max;
  // Not within a character of several bytes.
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end) + "…";
}

std::string quoted(std::string_view text) { return "'" + cut(std::string(text)) + "'"; }

std::string item_text(std::string_view body) {
  const auto item = codec::decode_item(body);
  if (!item) return "unreadable";
  std::string text;
  for (const std::string& value : item->values) text += (text.empty() ? "" : ", ") + quoted(value);
  return cut(text);
}

std::string answer_text(std::string_view body) {
  const auto values = codec::decode_answer(body);
  if (!values) return "unreadable";
  std::string text;
  for (const auto& [field, entered] : *values) {
    text += (text.empty() ? "" : ", ") + field + " =";
    for (const std::string& value : entered) text += ' ' + quoted(value);
  }
  return cut(text);
}

}  // namespace

void TraceLines::add(const Place& place, std::int64_t at_ms, std::string what, std::string text) {
  if (lines_.size() >= trace_lines_max) {
    ++left_out_;
    return;
  }
  text += " [" + to_text(place.part) + " commit " + std::to_string(place.batch.commit_seq) + ' ' +
          hex_of(place.batch.digest).substr(0, 12) + ']';
  lines_.push_back({at_ms == 0 ? place.batch.at.ms : at_ms, std::move(what), std::move(text)});
}

void TraceLines::append(TraceLines& others) {
  const auto room = std::min(others.lines_.size(), trace_lines_max - lines_.size());
  const auto end = others.lines_.begin() + static_cast<std::ptrdiff_t>(room);
  lines_.insert(lines_.end(), std::make_move_iterator(others.lines_.begin()), std::make_move_iterator(end));
  left_out_ += others.lines_.size() - room + others.left_out_;
  others.lines_.clear();
  others.left_out_ = 0;
}

void TraceLines::walk(PartId part, const std::function<void(const Place&)>& visit) {
  snapshot_.batches(part, [&](const storage::AuditedBatch& batch) {
    const auto records = codec::decode_records(batch.encoded);
    if (!records) {
      add({part, batch, {}, 0}, 0, "unreadable", "this batch cannot be read: " + records.error().detail);
      return true;
    }
    for (std::size_t i = 0; i < records->size(); ++i) visit({part, batch, *records, i});
    return true;
  });
}

std::string TraceLines::content(PartId part, ContentKind kind, std::int64_t no) {
  const auto found = snapshot_.content(part, kind, no);
  if (!found) return "none";
  if (!found->body) return "erased";
  if (kind == ContentKind::item) return item_text(*found->body);
  if (kind == ContentKind::answer) return answer_text(*found->body);
  return quoted(*found->body);
}

AuditTrace TraceLines::take() {
  std::stable_sort(lines_.begin(), lines_.end(),
                   [](const TraceLine& a, const TraceLine& b) { return a.at_ms < b.at_ms; });
  if (left_out_ > 0) {
    lines_.push_back({lines_.back().at_ms, "left out",
                      std::to_string(left_out_) + " more lines: a trace shows " + std::to_string(trace_lines_max) +
                          " at most. The trace of one assignment is short: `tally-requester results PROJECT --answers` "
                          "lists all of them, `tally-admin audit assignment ID` shows the whole chain of each"});
  }
  return {std::move(lines_)};
}

std::string text_of(SubAccount account) {
  std::string text(name_of(account.fund));
  if (account.fund == Fund::outside || account.fund == Fund::transit) return text;
  return text + " of " + std::to_string(account.owner.value);
}

std::string text_of(PartId part, const TransferPosted& r) {
  return to_text(TransferId{part, r.no}) + ": " + to_text(r.amount) + ' ' + text_of(r.from) + " -> " + text_of(r.to);
}

std::string text_of(PartId part, const PayoutPosted& r) {
  const std::string text = to_text(TransferId{part, r.no}) + ": " + to_text(r.amount) + ' ' +
                           text_of({Fund::escrow, r.owner}) + " -> " + text_of({Fund::earnings, r.worker});
  if (r.fee.value == 0) return text;
  return text + ", fee " + to_text(r.fee) + " -> " + std::string(name_of(Fund::fees));
}

std::string ballot_text(std::string_view ballot) {
  constexpr std::size_t shown = 13;
  if (ballot.starts_with('#') && ballot.size() > shown) return "text " + std::string(ballot.substr(0, shown));
  return ballot.empty() ? "(left empty)" : quoted(forms::readable(ballot));
}

std::string account_text(AccountId account) { return "account " + std::to_string(account.value); }

std::string verdict_text(const ProjectSpec& spec, const VerdictReached& r) {
  const TaskState state = state_of(spec.form, r.judged, r.reason);
  std::string text(name_of(state));
  if (state == TaskState::best_guess) text = "best guess";
  if (state != TaskState::settled) text += " (" + std::string(name_of(r.reason)) + ")";
  for (std::size_t i = 0; i < r.judged.size(); ++i) {
    const FieldJudged& judged = r.judged[i];
    const std::string field = i < spec.form.size() ? spec.form[i].name : "field " + std::to_string(i + 1);
    text += (i == 0 ? ": " : ", ") + field + ' ';
    if (!judged.settled && judged.value.empty()) {
      text += "undecided by " + judged.method;
      continue;
    }
    text += "= " + ballot_text(judged.value) + " by " + judged.method + ", confidence " +
            decimal_text(judged.confidence_ppm);
    if (judged.posterior_ppm > 0) text += " (posterior " + decimal_text(judged.posterior_ppm) + ")";
  }
  return text;
}

}  // namespace tally::audit
