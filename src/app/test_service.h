// Services of the control loop in tests.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>

#include "base/task.h"

namespace orchestra::app {

// Closes it and runs the loop until that is done.
template <class Service>
Result<void> closed(boost::asio::io_context& control, Service& service) {
  Result<void> result;
  boost::asio::co_spawn(control, service.close(),
                        [&](std::exception_ptr, Result<void> answer) { result = std::move(answer); });
  control.restart();
  control.run();
  return result;
}

}  // namespace orchestra::app
