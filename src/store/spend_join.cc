#include "store/spend_join.h"

#include "base/json.h"

namespace orchestra {

std::int64_t Names::number(std::string_view text) {
  if (const auto found = numbers_.find(text); found != numbers_.end()) return found->second;
  const auto number = ++last_;
  numbers_.emplace(text, number);
  unsaved_.push_back({number, std::string(text)});
  return number;
}

void Names::load(std::int64_t number, std::string_view text) {
  numbers_.emplace(text, number);
  last_ = std::max(last_, number);
}

void SpendJoin::take(std::int64_t boot, const SegmentHead& head, const RecordReader::Record& record) {
  const auto key = [&](std::uint64_t sequence) { return RecordKey{boot, head.loop, sequence}; };
  switch (record.type) {
    case RecordType::kOpened:
      if (const auto opened = decode_opened(record.payload)) open(key(opened->sequence), head.number, *opened);
      return;
    case RecordType::kSettled:
      if (const auto settled = decode_settled(record.payload)) settle(key(settled->sequence), *settled);
      return;
    case RecordType::kAttempts:
      if (const auto attempts = decode_attempts(record.payload)) {
        const auto found = open_.find(key(attempts->sequence));
        if (found != open_.end()) found->second.attempts = attempts_to_json(attempts->attempts);
      }
      return;
    case RecordType::kDecision:
      if (const auto decision = decode_decision(record.payload)) {
        batch_.bodies.push_back({decision->hash, std::string(decision->body)});
      }
      return;
  }
}

void SpendJoin::open(const RecordKey& key, std::uint32_t segment, const OpenedRecord& record) {
  Open entry;
  entry.row = {.key = key,
               .id = record.id,
               .at = record.at,
               .tenant = names_.number(record.tenant),
               .asked = names_.number(record.asked),
               .model = names_.number(record.model),
               .task = record.task,
               .reserve = record.reserve,
               .price_known = record.price_known};
  entry.segment = segment;
  open_.try_emplace(key, std::move(entry));
}

void SpendJoin::take_saved_open(const OpenRow& row) {
  Open entry;
  entry.row = row;
  entry.saved = true;
  open_.try_emplace(row.key, std::move(entry));
}

void SpendJoin::settle(const RecordKey& key, const SettledRecord& record) {
  const auto found = open_.find(key);
  if (found == open_.end()) {
    ++without_opened_;
    return;
  }
  BookedRow& row = batch_.rows.emplace_back();
  row.opened = found->second.row;
  row.model = names_.number(record.model);
  row.outcome = record.outcome;
  row.status = record.status;
  row.stream = record.stream;
  row.usage = record.usage;
  row.cost = record.cost;
  row.cost_known = record.cost_known;
  row.latency = record.latency;
  row.first_content = record.first_content;
  row.decision = record.decision;
  row.was_saved_open = found->second.saved;
  row.attempts = std::move(found->second.attempts);
  open_.erase(found);
}

void SpendJoin::save_open(std::int64_t boot, const SegmentHead& head) {
  for (auto& [key, entry] : open_) {
    if (entry.saved || key.boot != boot || key.loop != head.loop || entry.segment != head.number) continue;
    batch_.saved_open.push_back(entry.row);
    entry.saved = true;
  }
}

void SpendJoin::interrupt_all() {
  for (auto& [key, entry] : open_) {
    BookedRow& row = batch_.rows.emplace_back();
    row.opened = entry.row;
    row.model = entry.row.model;
    row.outcome = Outcome::kInterrupted;
    row.cost = entry.row.reserve;
    row.cost_known = entry.row.price_known;
    row.was_saved_open = entry.saved;
    row.attempts = std::move(entry.attempts);
  }
  open_.clear();
}

void SpendJoin::booked() noexcept {
  batch_.rows.clear();
  batch_.saved_open.clear();
  batch_.bodies.clear();
  names_.saved();
  boots_.saved();
}

std::string attempts_to_json(const std::vector<AttemptRecord>& attempts) {
  std::string text;
  JsonWriter writer(text);
  writer.begin_array();
  for (const auto& attempt : attempts) {
    writer.begin_object()
        .member("candidate", attempt.candidate)
        .member("started_us", attempt.started.count())
        .member("took_us", attempt.took.count())
        .member("outcome", attempt.outcome)
        .member("what", attempt.what)
        .end_object();
  }
  writer.end_array();
  return text;
}

std::vector<AttemptRecord> attempts_from_json(std::string_view text) {
  std::vector<AttemptRecord> attempts;
  const auto parsed = parse_json(text);
  const auto* array = parsed ? parsed->if_array() : nullptr;
  if (array == nullptr) return attempts;
  for (const auto& value : *array) {
    AttemptRecord& attempt = attempts.emplace_back();
    attempt.candidate = static_cast<std::size_t>(find_int(value, "candidate").value_or(0));
    attempt.started = Micros(find_int(value, "started_us").value_or(0));
    attempt.took = Micros(find_int(value, "took_us").value_or(0));
    attempt.outcome = find_string(value, "outcome").value_or("");
    attempt.what = find_string(value, "what").value_or("");
  }
  return attempts;
}

}  // namespace orchestra
