// Joins what was opened with what it came to: records of the journal in, rows for the database out. Pure; no I/O.
//
// What comes out stays in batch() until booked() says that it is safe: a commit that failed is simply tried again.
#pragma once

#include <cstdint>
#include <memory_resource>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "domain/spend.h"
#include "store/journal_record.h"

namespace orchestra {

// Texts that repeat, numbered from 1. Numbers are given out here and saved later.
class Names {
 public:
  struct Entry {
    std::int64_t number = 0;
    std::string text;
  };
  // The number of `text`; a new one joins unsaved().
  std::int64_t number(std::string_view text);
  // Takes over an entry of the database.
  void load(std::int64_t number, std::string_view text);
  const std::vector<Entry>& unsaved() const noexcept { return unsaved_; }
  void saved() noexcept { unsaved_.clear(); }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>()(text); }
  };
  std::unordered_map<std::string, std::int64_t, Hash, std::equal_to<>> numbers_;
  std::vector<Entry> unsaved_;
  std::int64_t last_ = 0;
};

struct RecordKey {
  std::int64_t boot = 0;  // a number of `boots`
  std::uint32_t loop = 0;
  std::uint64_t sequence = 0;
  friend bool operator==(const RecordKey&, const RecordKey&) = default;
};

struct OpenRow {
  RecordKey key;
  RequestId id;
  WallTime at;
  std::int64_t tenant = 0, asked = 0, model = 0;  // numbers of `names`
  TaskKind task = TaskKind::kChat;
  MicroUsd reserve;
  bool price_known = false;
};

struct BookedRow {
  OpenRow opened;
  std::int64_t model = 0;
  Outcome outcome = Outcome::kAnswered;
  int status = 0;
  bool stream = false;
  Usage usage;
  MicroUsd cost;
  bool cost_known = false;
  Micros latency{}, first_content{};
  std::uint64_t decision = 0;
  bool was_saved_open = false;  // open_requests holds it
  std::string attempts;         // a JSON array; empty when the first attempt simply succeeded
};

struct DecisionBody {
  std::uint64_t hash = 0;
  std::string body;
};

struct SpendBatch {
  std::vector<BookedRow> rows;
  std::vector<OpenRow> saved_open;  // still running, but their segment is to be deleted
  std::vector<DecisionBody> bodies;
  bool empty() const noexcept { return rows.empty() && saved_open.empty() && bodies.empty(); }
};

class SpendJoin {
 public:
  Names& names() noexcept { return names_; }
  const Names& names() const noexcept { return names_; }
  Names& boots() noexcept { return boots_; }
  const Names& boots() const noexcept { return boots_; }

  // One record of that boot, loop and segment, in the order of the journal.
  void take(std::int64_t boot, const SegmentHead& head, const RecordReader::Record& record);
  // An open request that the database already keeps.
  void take_saved_open(const OpenRow& row);
  // Puts the requests that were opened in this segment and still run into batch().saved_open.
  void save_open(std::int64_t boot, const SegmentHead& head);
  // Ends all that is still open as interrupted, at its reservation. For boots that are dead.
  void interrupt_all();

  const SpendBatch& batch() const noexcept { return batch_; }
  void booked() noexcept;

  std::int64_t without_opened() const noexcept { return without_opened_; }
  std::size_t open_requests() const noexcept { return open_.size(); }

 private:
  struct Open {
    OpenRow row;
    std::uint32_t segment = 0;
    bool saved = false;
    std::string attempts;
  };
  struct KeyHash {
    std::size_t operator()(const RecordKey& key) const noexcept {
      return (key.sequence ^ (std::uint64_t{key.loop} << 40) ^ (static_cast<std::uint64_t>(key.boot) << 52)) *
             0x9E3779B97F4A7C15ULL;
    }
  };

  void open(const RecordKey& key, std::uint32_t segment, const OpenedRecord& record);
  void settle(const RecordKey& key, const SettledRecord& record);

  Names names_, boots_;
  std::pmr::unsynchronized_pool_resource pool_;
  std::pmr::unordered_map<RecordKey, Open, KeyHash> open_{&pool_};
  SpendBatch batch_;
  std::int64_t without_opened_ = 0;
};

// The text of `attempts.body`, and back (empty when it is damaged).
std::string attempts_to_json(const std::vector<AttemptRecord>& attempts);
std::vector<AttemptRecord> attempts_from_json(std::string_view text);

}  // namespace orchestra
