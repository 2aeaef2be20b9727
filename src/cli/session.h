// What every command works with: the terminal, the variables, the options that all commands share.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/json.h"
#include "cli/console.h"
#include "cli/run.h"
#include "ports/http_client.h"

namespace orchestra::cli {

using MakeClient = std::function<std::unique_ptr<HttpClient>(boost::asio::io_context&)>;

// Options of every command.
struct SharedOptions {
  std::string url;      // --url
  std::string api_key;  // --api-key
  std::string format = "text";
  bool json() const noexcept { return format == "json"; }
};

// Where requests go, and with which key.
struct ServerAddress {
  settings::BaseUrl url;
  Secret api_key;
};

struct Session {
  Console& console;
  settings::Variables variables;    // how to reach a server: the process's variables, and `.env` where it has none
  settings::Variables environment;  // the process's alone: who loads settings reads `.env` itself, with line numbers
  const Clock& clock;
  MakeClient make_client;
  Serve serve;
  Inspectors inspectors;
  SharedOptions shared = {};

  Style style() const;      // for standard output
  Style err_style() const;  // for standard error

  // --url, ORCHESTRA_URL, ORCHESTRATOR_HOST and API_PORT, else http://localhost:8080.
  Result<ServerAddress> server() const;

  // Says what failed, as a sentence or as {"error":{...}}, and returns the exit code 1.
  int fail(const Error& error) const;
  // The same for a wrong command line: 2.
  int misuse(std::string_view what) const;
  // Prints a JSON value and a newline: the whole of standard output with --format json. Returns 0.
  int print_json(const json::value& value) const;

 private:
  int report(std::string_view what, std::string_view code, int exit) const;
};

// Indented JSON text with a newline at its end.
std::string pretty_json(const json::value& value);

}  // namespace orchestra::cli
