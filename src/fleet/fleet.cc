#include "fleet/fleet.h"

#include <boost/asio/post.hpp>

#include "fleet/gate.h"
#include "fleet/supervisor.h"
#include "fleet/waiter.h"

namespace orchestra {

namespace asio = boost::asio;

Fleet::Fleet(asio::io_context& control, Spawner& spawner, Runner& runner, MemoryProbe& memory, GpuProbe& gpus,
             Clock& clock, Options options)
    : control_(control),
      gates_(std::make_unique<GateTable>()),
      supervisor_(
          std::make_shared<Supervisor>(control, spawner, runner, memory, gpus, clock, std::move(options), *gates_)) {}

Fleet::~Fleet() = default;

std::optional<Lease> Fleet::try_lease(const ModelId& model) noexcept {
  Gate* gate = gates_->find(model);
  if (gate == nullptr) return std::nullopt;
  const auto generation = gate->enter();
  if (!generation) return std::nullopt;
  return Lease(gate->endpoint(), [gate, entered = *generation] { gate->leave(entered); });
}

Task<Granted> Fleet::ask(Wish wish) {
  const auto waiter = std::make_shared<Waiter>(co_await this_loop(), std::move(wish));
  asio::post(control_, [weak = std::weak_ptr(supervisor_), waiter] {
    if (const auto supervisor = weak.lock()) supervisor->enlist(waiter);
  });
  co_return co_await Waiter::wait(waiter);
}

Task<Lease> Fleet::lease(const ModelId& model, TimePoint deadline) {
  if (auto lease = try_lease(model)) co_return std::move(*lease);
  Wish wish{.kind = WishKind::kLease, .model = model, .deadline = deadline};
  CO_TRY(Granted answer, co_await ask(std::move(wish)));
  co_return std::move(*answer.lease);
}

Task<void> Fleet::load(const ModelId& model, TimePoint deadline, OnProgress progress) {
  Wish wish{.kind = WishKind::kLoad, .model = model, .deadline = deadline, .progress = std::move(progress)};
  CO_TRY_VOID(co_await ask(std::move(wish)));
  co_return Result<void>();
}

void Fleet::prefetch(const ModelId& model) {
  asio::post(control_, [weak = std::weak_ptr(supervisor_), model] {
    if (const auto supervisor = weak.lock()) supervisor->prefetch(model);
  });
}

Task<void> Fleet::unload(const ModelId& model, TimePoint deadline) {
  Wish wish{.kind = WishKind::kUnload, .model = model, .deadline = deadline};
  CO_TRY_VOID(co_await ask(std::move(wish)));
  co_return Result<void>();
}

Task<FleetViewPtr> Fleet::view() {
  Wish wish{.kind = WishKind::kView};
  CO_TRY(const Granted answer, co_await ask(std::move(wish)));
  co_return answer.view;
}

Task<void> Fleet::shutdown() {
  Wish wish{.kind = WishKind::kShutdown};
  CO_TRY_VOID(co_await ask(std::move(wish)));
  co_return Result<void>();
}

void Fleet::set_models(std::vector<LocalModel> models) {
  asio::post(control_, [weak = std::weak_ptr(supervisor_), models = std::move(models)]() mutable {
    if (const auto supervisor = weak.lock()) supervisor->set_models(std::move(models));
  });
}

void Fleet::tick() {
  supervisor_->pump();
}

}  // namespace orchestra
