// The one program: server, command line, and launcher of workers.
#include <string_view>

#include "app/inspectors.h"
#include "app/serve.h"
#include "cli/run.h"
#include "host/launcher.h"

int main(int argc, char** argv) {
  if (argc > 1 && std::string_view(argv[1]) == "_launch") return orchestra::launch_main(argc, argv);
  return orchestra::cli::run(argc, argv, orchestra::app::serve, orchestra::app::inspectors());
}
