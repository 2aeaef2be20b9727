#include "ports/fake_registry_store.h"
#include "ports/registry_store_contract.h"

namespace orchestra {
namespace {

struct FakeFixture {
  RegistryStore& store() { return store_; }
  void reopen() {}
  FakeRegistryStore store_;
};
INSTANTIATE_TYPED_TEST_SUITE_P(Fake, RegistryStoreContract, FakeFixture);

}  // namespace
}  // namespace orchestra
