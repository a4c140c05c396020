using System.Diagnostics;
using Xunit;

namespace Laurel.Testing;

/// <summary>nginx (Debian package <c>nginx</c>) in front of nodes, with the rules of <c>deploy/nginx</c>.</summary>
public sealed class NginxProxy : IAsyncDisposable
{
    /// <summary>Why tests are skipped where it is not installed.</summary>
    public const string Missing = "nginx is not here (Debian package nginx)";

    private static readonly string[] s_places = ["/usr/sbin/nginx", "/usr/bin/nginx"];
    private static readonly TimeSpan s_startTimeMax = TimeSpan.FromSeconds(20);

    private readonly ChildProcess _process;
    private readonly string _folder;

    private NginxProxy(ChildProcess process, string folder, Uri address) => (_process, _folder, Address) = (process, folder, address);

    public Uri Address { get; }

    /// <summary>Starts it. Skips the test where it is not installed, or fails it when <c>LAUREL_REQUIRE_SERVERS=1</c>.</summary>
    public static async Task<NginxProxy> StartAsync(IReadOnlyList<Uri> nodes, CancellationToken cancellationToken)
    {
        var program = s_places.FirstOrDefault(File.Exists);
        Assert.False(
            program is null && Environment.GetEnvironmentVariable("LAUREL_REQUIRE_SERVERS") == "1",
            Missing + ", and LAUREL_REQUIRE_SERVERS asks for it.");
        Assert.SkipUnless(program is not null, Missing);
        var folder = Directory.CreateTempSubdirectory("laurel-nginx-").FullName;
        var address = new Uri($"http://127.0.0.1:{ChildProcess.FreePort()}");
        await File.WriteAllTextAsync(Path.Combine(folder, "nginx.conf"), Configuration(folder, nodes, address.Port), cancellationToken);
        var process = ChildProcess.Start(new ChildProgram
        {
            File = program!,
            Arguments = ["-p", folder, "-e", Path.Combine(folder, "error.log"), "-c", Path.Combine(folder, "nginx.conf")],
            Folder = folder,
            EndSignal = Signals.Quit,
        });
        await WaitAsync(address, process, cancellationToken);
        return new NginxProxy(process, folder, address);
    }

    /// <summary>What it wrote about its upstreams.</summary>
    public Task<string> ErrorsAsync(CancellationToken cancellationToken) => File.ReadAllTextAsync(Path.Combine(_folder, "error.log"), cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private static string Configuration(string folder, IReadOnlyList<Uri> nodes, int port)
    {
        var user = Environment.IsPrivilegedProcess ? "user root;" : "";
        return $$"""
            {{user}}
            daemon off;
            worker_processes 1;
            pid {{folder}}/nginx.pid;
            error_log {{folder}}/error.log warn;
            events { worker_connections 2048; }
            http {
                access_log off;
                client_body_temp_path {{folder}}/body;
                proxy_temp_path {{folder}}/proxy;
                fastcgi_temp_path {{folder}}/fastcgi;
                uwsgi_temp_path {{folder}}/uwsgi;
                scgi_temp_path {{folder}}/scgi;
            {{string.Join('\n', Ours(nodes, port))}}
            }
            """;
    }

    /// <summary>The repository's file, without TLS and the limit for one client, for these nodes and on this port.</summary>
    private static IEnumerable<string> Ours(IReadOnlyList<Uri> nodes, int port)
    {
        const string Node = "laurel:8080";
        var file = Path.Combine(Repository.Root, "deploy", "nginx", "laurel.conf");
        foreach (var line in File.ReadLines(file).Where(line => !line.TrimStart().StartsWith("ssl_", StringComparison.Ordinal)
            && !line.TrimStart().StartsWith("limit_req", StringComparison.Ordinal)))
        {
            if (line.Contains(Node, StringComparison.Ordinal))
            {
                foreach (var node in nodes)
                {
                    yield return line.Replace(Node, node.Authority, StringComparison.Ordinal);
                }
            }
            else
            {
                yield return line
                    .Replace("listen 443 ssl http2 default_server", $"listen 127.0.0.1:{port}", StringComparison.Ordinal)
                    .Replace("listen 80 default_server", $"listen 127.0.0.1:{ChildProcess.FreePort()}", StringComparison.Ordinal);
            }
        }
    }

    private static async Task WaitAsync(Uri address, ChildProcess process, CancellationToken cancellationToken)
    {
        using var client = new HttpClient { BaseAddress = address };
        var startedAt = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                using var answer = await client.GetAsync(new Uri("/health", UriKind.Relative), cancellationToken);
                return;
            }
            catch (HttpRequestException exception)
            {
                Assert.False(
                    process.HasExited || Stopwatch.GetElapsedTime(startedAt) > s_startTimeMax,
                    $"nginx did not start: {exception.Message} {process.Errors}");
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, cancellationToken);
            }
        }
    }
}
