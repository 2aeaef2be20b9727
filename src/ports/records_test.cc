#include "ports/fake_journal.h"
#include "ports/fake_store.h"
#include "ports/journal_contract.h"
#include "ports/store_contract.h"

namespace orchestra {
namespace {

class FakeStoreFixture {
 public:
  void book(const SpendOpened& opened, const SpendSettled& settled) { store_.book({opened, settled, {}}); }
  Store& store() { return store_; }

 private:
  FakeStore store_;
};
INSTANTIATE_TYPED_TEST_SUITE_P(Fake, StoreContract, FakeStoreFixture);

class FakeJournalFixture {
 public:
  Journal& journal() { return journal_; }
  void fill() { journal_.full = true; }
  std::size_t opened() { return journal_.opened.size(); }
  std::size_t settled() { return journal_.settled.size(); }

 private:
  FakeJournal journal_;
};
INSTANTIATE_TYPED_TEST_SUITE_P(Fake, JournalContract, FakeJournalFixture);

}  // namespace
}  // namespace orchestra
