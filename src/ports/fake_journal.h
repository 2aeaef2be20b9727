// A journal in memory.
#pragma once

#include <map>
#include <vector>

#include "ports/journal.h"

namespace orchestra {

class FakeJournal final : public Journal {
 public:
  Result<JournalTicket> open(const SpendOpened& record) noexcept override {
    if (full) return fail(Fault::kUnavailable, "The journal is full.");
    opened.push_back(record);
    return JournalTicket{opened.size()};
  }
  void settle(JournalTicket ticket, const SpendSettled& record) noexcept override {
    settled.emplace(ticket.sequence, record);
  }

  std::vector<SpendOpened> opened;
  std::multimap<std::uint64_t, SpendSettled> settled;
  bool full = false;
};

}  // namespace orchestra
