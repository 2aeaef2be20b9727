// Long because it is a word list.
#include "policy/classify/lexicon.h"

#include <array>
#include <ranges>
#include <unordered_map>

namespace orchestra {
namespace {

constexpr std::string_view kTechnical =
    "abi airflow algorithm algorithms algorithmus analog angular ansible api apis apk arduino argparse arm64 array "
    "arrays "
    "ascii asm assembler assembly ast async asyncio asynchronous autoscaling await aws awk azure backend base64 bash "
    "bazel "
    "benchmark bigquery binary bios bitmask bitwise boolean bootstrap bucket bytecode cache cassandra cdn celery "
    "centos "
    "chmod chown cicd cli clang clickhouse cloudflare cloudformation cmake cmd codec codebase coderabbit commit "
    "compile "
    "compiled compiler compiles concurrency config configmap coroutine coroutines cors cpu cpus cron crontab crud css "
    "csrf "
    "csv ctypes cuda curl cypress daemon database databases datenbank dataframe dbt deadlock debian debounce debug "
    "debugger "
    "debuggen debugging decorator dependency deploy deployment deque deserialize dev devops dijkstra django dns docker "
    "dockerfile docx dom dotnet downtime dtype dynamodb ecs eks elasticsearch elixir embedding embeddings encoder "
    "encoding "
    "endpoint endpoints enum env eof epoll erlang esp32 etl exe express fastapi ffmpeg fifo filesystem firebase "
    "firewall "
    "firmware flask flutter float32 foreach fortran fpga framework freebsd frontend ftp func gcc gcloud gcp gdb getter "
    "github gitlab git golang goroutine gpio gpu gpus gradle gradient grafana graphql grep grpc gui gunicorn gzip "
    "hadoop "
    "hashmap haskell heap heapq helm heroku hmac html http https httponly hypervisor i2c iam ide idempotent iframe "
    "imap "
    "index inheritance inode int8 integer iptables ipv4 ipv6 iterator iterating jar java javac javascript jdbc jdk "
    "jenkins "
    "jest jpa jq json junit jupyter jvm jwt k8s kafka keras kernel keycloak kotlin kubectl kubernetes kvm lambda "
    "laravel "
    "latency latex ldap leetcode linker linux lldb llm loadbalancer localhost localstorage logging lru lua makefile "
    "malloc "
    "mariadb matlab maven md5 memcached metaclass microcontroller microservice microservices middleware migrations "
    "mocha "
    "mongodb mongo monad monolith mqtt msbuild multithreading multithreaded mutex mvc mypy mysql namespace nat neo4j "
    "netcat "
    "networking nextjs nginx nodejs nosql npm npx null nullpointer nullpointerexception numpy nuxt oauth oauth2 "
    "objdump ocaml "
    "oidc oop openapi opencv opengl openssl openshift oracle orm oscilloscope osgi overfitting packet pagination "
    "pandas "
    "parquet parser parsing patch pcap pcb perl php phpunit pid pip pipenv pkce pnpm pod podman pods pointer "
    "polymorphism "
    "postgres postgresql powershell prisma prometheus prompt protobuf proxy pthread pwm pyspark pytest pytorch qemu "
    "query "
    "queue quicksort rabbitmq raid ram raspberry react readme rebase recursion recursive redis redux refactor "
    "refactoring "
    "regex regexp repo repository resistor rest restful rollback rpc rsync ruby runtime rustc s3 saml sass scala scss "
    "sdk "
    "sed segfault segmentation selenium semaphore serde serializer server serverless servlet sha256 sharding shell "
    "sklearn "
    "smtp snowflake socket sockets solidity sonarqube spark splunk spring sql sqlalchemy sqlite ssd ssh ssl sso "
    "stacktrace "
    "stdin stdout stm32 stored struct subnet subprocess sudo svelte svn swagger swift swiftui symlink syntax syslog "
    "systemd "
    "tailwind tcp tcpdump telnet tensor tensorflow terraform thread threads throughput tls tokenizer tomcat traceback "
    "transistor trie tuple typedef typeerror typescript ubuntu udp ui uint8 unicode unittest unix url usart userspace "
    "utf8 "
    "closure singleton substring subclass superclass constructor destructor initializer allocator dereference opcode "
    "checksum hexadecimal octal bitrate squash stash upstream hotfix linter formatter minify transpile polyfill shim "
    "mixin "
    "boilerplate breakpoint watchpoint profiler flamegraph changelog semver monorepo submodule gitignore rollout "
    "observability telemetry tracing opentelemetry uptime failover replica replication partitioning deduplicate "
    "watermark "
    "backpressure throttling ssr spa pwa fourier laplace eigenvalue eigenvector jacobian derivative polynomial "
    "stochastic "
    "perceptron backpropagation softmax relu lstm cnn transformer finetune finetuning hyperparameter epoch quantize "
    "quantise quantization tokenization autoencoder pca kmeans svm xgboost lightgbm huggingface impedance rectifier "
    "potentiometer actuator cad cnc gcode tensile truss thermocouple programmieren programmiere programmierung "
    "kompilieren "
    "quellcode schleife codigo "
    "utf uuid uvicorn valgrind valueerror vba venv vhdl verilog vim vite vlan vlookup vm vms vnc vpc vpn vscode vue "
    "vtable "
    "wasm webassembly webhook webpack websocket websockets wget wordpress wsl xcode xml xpath xss yaml yarn zig zsh "
    "backend javafx keyerror indexerror importerror modulenotfounderror attributeerror unboundlocalerror nan stderr "
    "argv "
    "codepen commitet datastructure linkedlist bst dfs bfs memoization mergesort big-o cpp rustlang kotlinx nvme ntp "
    "dhcp "
    "jsonb varchar bigint cte upsert foreignkey subquery schema sprintf printf println console typeof undefined "
    "nullable "
    "lifecycle hooks usestate useeffect props jsx tsx npmrc dockerhub ingress kubelet hpa etcd istio envoy sidecar "
    "cronjob "
    "pid-controller servo multimeter mosfet opamp capacitor inductor soldering breadboard uart spi jtag rtos "
    "bootloader "
    "requete";

constexpr std::string_view kPerhaps =
    "access app apps array bean bug bugs build builds bus call chain channel char class classes client cloud cluster "
    "code "
    "codes column columns command commands component connection container containers crash crashes crashed cursor data "
    "delay device disk domain driver drivers drop error errors event events exception exceptions excel export fail "
    "failed "
    "failing fails feature field fields file files flag folder font foreign fork format formula function functions go "
    "graph "
    "handler hash header headers host hub id implement implementation import input install installed int interface "
    "internet "
    "island job jobs join key keys layer layout leak library lib line linked list lists lock log login logs long loop "
    "loops "
    "main map match matrix memory merge message method methods migrate migration minimal mobile mock model module "
    "modules "
    "monitor network node nodes number object objects offset online operator option output overflow override package "
    "packages "
    "page parameter parameters parent parse password path pattern patterns permission phone pipeline pipelines pixel "
    "plugin "
    "port ports process processes processor product profile program programs programming project protocol pull push "
    "python "
    "range read record reference release request requests response return returns role root route row rows rust safe "
    "sandbox "
    "save scale script scripts search select sequence service services session set settings sheet signal software sort "
    "source "
    "spreadsheet stack state static status storage store stream string strings switch system table tag task template "
    "terminal "
    "test tests text ticket time timeout token tokens tool tree trigger type types update upload user users value "
    "values "
    "variable variables vector version view virtual wait web website widget window windows worker write yield zip "
    "android "
    "ios iphone laptop computer browser chrome safari firefox fehler funktion programm bucle fonction boucle erreur "
    "función "
    "fehlermeldung installieren voltage current amplifier motor sensor circuit heatsink torque beam thread-depth screw "
    "valve "
    "filter gain frequency load stress strain thermal";

constexpr std::string_view kMedia =
    "image images picture pictures pic pics photo photos photograph photographs fotos foto bild bilder imagen imagenes "
    "imágenes "
    "screenshot screenshots screengrab scan scans scanned pdf pdfs video videos vidéo clip clips film footage movie "
    "audio audios "
    "recording recordings recorded voice song songs podcast soundtrack mp3 mp4 wav gif png jpg jpeg svg chart charts "
    "diagram "
    "diagrams infographic plot figure slide slides slideshow powerpoint handwriting handwritten drawing sketch "
    "painting portrait "
    "selfie meme memes cartoon comic logo icon poster wallpaper illustration animation animated artwork collage "
    "thumbnail banner "
    "mockup storyboard whiteboard receipt xray x-ray mri ecg ct-scan microscope webcam camera document documents "
    "attachment "
    "voicemail voiceover voice-over subtitles captions jingle melody speaker speakers sprachnachricht aufnahme "
    "zeichnung skizze "
    "dessin enregistrement grabación dibujo cartel canción chanson lied musikstück anhang datei fichier pièce-jointe "
    "archivo "
    "photographie affiche gemälde tableau plakat diagramm grafik schaubild pixel zip xlsx docx pptx youtube";

constexpr std::string_view kPointing =
    "attached attach attaching attachment attachments uploaded upload uploading enclosed above below linked shared "
    "sharing sent "
    "pasted angehängt angehängte angehängten hochgeladen beigefügt adjunto adjunta adjuntos joint jointe envoyé "
    "envoyée subido "
    "subida gesendet geschickt shown here see";

constexpr std::string_view kMaking =
    "draw drawing sketch paint illustrate illustration animate colorize colourise colour render photoshop crop upscale "
    "blur "
    "sketching zeichne male entwirf dessine peins dibuja pinta retouch storyboard compose transcribe ocr caption "
    "narrate aloud "
    "transkribiere transcribe transcris transcribir vorlesen speak sing hum depict design";

constexpr std::string_view kResearch =
    "analyse analyze analysis analyses analysed analyzing analysiere analizar analiza analyser compare comparing "
    "comparison "
    "comparative compared vergleiche vergleich comparez comparar compara evidence evidences literature scholarship "
    "scholarly scholars "
    "systematic meta-analysis metaanalysis meta study studies studien études estudios research researchers researched "
    "peer "
    "peer-reviewed citations citation cite cites citing references sources quellen fuentes bibliography comprehensive "
    "thorough "
    "thoroughly in-depth indepth depth ausführlich détaillée exhaustive extensive detailed investigate investigating "
    "investigation "
    "examine examining examination evaluate evaluation assess assessment critically critique review survey overview "
    "empirical "
    "longitudinal cohort randomised randomized trials hypothesis hypotheses historians historiography economists "
    "implications "
    "consequences causes effects impact effectiveness efficacy outcomes trade-offs tradeoffs perspectives viewpoints "
    "arguments "
    "debate debates controversy forschung forschungskontroverse wirksamkeit ursachen causas revue policy policies "
    "trends "
    "methodology findings theory theories societal historical economic political socioeconomic";

struct Sense {
  std::string_view words;
  WordSense sense;
};
constexpr std::array<Sense, 6> kSenses{{{kTechnical, kTechnicalWord},
                                        {kPerhaps, kPerhapsTechnical},
                                        {kMedia, kMediaWord},
                                        {kPointing, kPointingWord},
                                        {kMaking, kMakingWord},
                                        {kResearch, kResearchWord}}};

using Table = std::unordered_map<std::string_view, WordSenses>;

Table make_table() {
  Table table;
  for (const auto& [words, sense] : kSenses) {
    for (const auto word : std::views::split(words, ' ')) {
      WordSenses& senses = table[std::string_view(word)];
      senses = static_cast<WordSenses>(senses | sense);
    }
  }
  return table;
}

}  // namespace

WordSenses senses_of(std::string_view word) noexcept {
  static const Table table = make_table();
  auto found = table.find(word);
  // A plural has the sense of its singular.
  if (found == table.end() && word.size() > 3 && word.ends_with('s'))
    found = table.find(word.substr(0, word.size() - 1));
  return found == table.end() ? WordSenses{0} : found->second;
}

}  // namespace orchestra
