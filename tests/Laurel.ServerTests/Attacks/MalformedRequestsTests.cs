using System.IO.Compression;
using System.Text;
using Laurel.ServerTests.Hosting;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Attacks;

/// <summary>Requests that two servers could read in two ways, and bodies that grow: one answer at the most, no request inside another is carried out, and the
/// memory stays where it was (E1).</summary>
public sealed class MalformedRequestsTests(Servers servers, ITestOutputHelper output) : IClassFixture<Servers>
{
    private const string Head = "POST /api/points/earn HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + LaurelSite.AdministratorKey
        + "\r\nContent-Type: application/json\r\n";

    /// <summary>What an attacker hides: if it is answered, it was read as a request.</summary>
    private const string Hidden = "GET /health HTTP/1.1\r\nHost: localhost\r\nX-Hidden: ";

    private static readonly (string Trick, string Request)[] s_smuggled =
    [
        ("both lengths", $"{Head}Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{Hidden}1\r\n\r\n"),
        ("two lengths", $"{Head}Content-Length: 2\r\nContent-Length: 60\r\n\r\n{{}}{Hidden}2\r\n\r\n"),
        ("a list of lengths", $"{Head}Content-Length: 2, 60\r\n\r\n{{}}{Hidden}3\r\n\r\n"),
        ("a signed length", $"{Head}Content-Length: +2\r\n\r\n{{}}{Hidden}4\r\n\r\n"),
        ("a space before the colon", $"{Head}Transfer-Encoding : chunked\r\nContent-Length: 2\r\n\r\n{{}}{Hidden}5\r\n\r\n"),
        ("a folded header", $"{Head}Transfer-Encoding:\r\n chunked\r\nContent-Length: 2\r\n\r\n{{}}{Hidden}6\r\n\r\n"),
        ("an unknown coding", $"{Head}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n{Hidden}7\r\n\r\n"),
        ("chunked twice", $"{Head}Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n{Hidden}8\r\n\r\n"),
        ("chunked not last", $"{Head}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n{Hidden}9\r\n\r\n"),
        ("a chunk extension that ends in a line feed", $"{Head}Transfer-Encoding: chunked\r\n\r\n2;a\n{{}}\r\n0\r\n\r\n{Hidden}10\r\n\r\n"),
        ("a chunk size with a sign", $"{Head}Transfer-Encoding: chunked\r\n\r\n-2\r\n{{}}\r\n0\r\n\r\n{Hidden}11\r\n\r\n"),
        ("a chunk size in another base", $"{Head}Transfer-Encoding: chunked\r\n\r\n0x2\r\n{{}}\r\n0\r\n\r\n{Hidden}12\r\n\r\n"),
        ("a carriage return inside a header", $"{Head}X-A: b\rContent-Length: 60\r\nContent-Length: 2\r\n\r\n{{}}{Hidden}13\r\n\r\n"),
        ("a null inside a header", $"{Head}X-A: b\0c\r\nContent-Length: 2\r\n\r\n{{}}{Hidden}14\r\n\r\n"),
        ("no host", "GET /api/members HTTP/1.1\r\nContent-Length: 0\r\n\r\n" + Hidden + "15\r\n\r\n"),
        ("two hosts", "GET /api/members HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n" + Hidden + "16\r\n\r\n"),
        ("a line feed in the target", "GET /api/members\n HTTP/1.1\r\nHost: a\r\n\r\n" + Hidden + "17\r\n\r\n"),
    ];

    /// <summary>What nginx reads leniently, and passes on framed by itself, so that the next server has nothing to misread.</summary>
    private const string LenientlyProxied = "a chunk extension that ends in a line feed";

    /// <summary>What the web server reads leniently, and in one way: it hurts only behind a proxy that lets it through and reads it otherwise.</summary>
    private static readonly string[] s_lenient = ["a signed length", "chunked twice"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Attack", "E1")]
    public async Task IsOneRequestOrNone_When_ItCouldBeReadAsTwo()
    {
        var server = await servers.OnAsync(DatabaseUnderTest.Sqlite);
        var faults = new List<string>();
        foreach (var (trick, request) in s_smuggled.Where(smuggled => !s_lenient.Contains(smuggled.Trick)))
        {
            var answers = await RawHttp.SendAsync(server.Process.Address, Encoding.Latin1.GetBytes(request), Cancellation);
            output.WriteLine($"{trick}: {string.Join(", ", RawHttp.StatusesOf(answers))}");
            if (RawHttp.StatusesOf(answers) is not ([] or [>= 400 and < 500]))
            {
                faults.Add($"{trick}: {answers}");
            }
        }

        faults.ShouldBeEmpty();
    }

    [Fact]
    [Trait("Attack", "E1")]
    public async Task IsOneRequestOrNone_When_ItComesThroughTheProxy()
    {
        var server = await servers.OnAsync(DatabaseUnderTest.Sqlite);
        await using var proxy = await NginxProxy.StartAsync([server.Process.Address], Cancellation);
        var faults = new List<string>();
        foreach (var (trick, request) in s_smuggled.Where(smuggled => smuggled.Trick != LenientlyProxied))
        {
            var answers = await RawHttp.SendAsync(proxy.Address, Encoding.Latin1.GetBytes(request), Cancellation);
            output.WriteLine($"{trick}: {string.Join(", ", RawHttp.StatusesOf(answers))}");
            if (RawHttp.StatusesOf(answers) is not ([] or [>= 400 and < 500 or 501]))
            {
                faults.Add($"{trick}: {answers}");
            }
        }

        faults.ShouldBeEmpty();
    }

    [Fact]
    [Trait("Attack", "E1")]
    public async Task KeepsItsMemory_When_BodiesAreLargeOrCompressed()
    {
        var server = await servers.OnAsync(DatabaseUnderTest.Sqlite);
        var bomb = new MemoryStream();
        await using (var zip = new GZipStream(bomb, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            var zeros = new byte[1 << 20];
            for (var i = 0; i < 256; i++)
            {
                await zip.WriteAsync(zeros, Cancellation);
            }
        }

        await server.PostAsync("/api/points/earn", "{}");
        var before = MemoryOf(server);
        for (var round = 0; round < 20; round++)
        {
            foreach (var coding in new[] { "gzip", "br", "deflate", "identity, gzip" })
            {
                var request = LaurelServer.Request(HttpMethod.Post, "/api/points/earn", bomb.ToArray(), LaurelServer.Json);
                request.Content!.Headers.TryAddWithoutValidation("Content-Encoding", coding);
                (await server.SendAsync(request)).Outcome.ShouldBe("415 MEDIA_TYPE_UNSUPPORTED");
            }

            // Announced with a gigabyte and more, and cut off by the server before it is sent.
            var announced = await RawHttp.SendAsync(server.Process.Address, Encoding.Latin1.GetBytes($"{Head}Content-Length: 2000000000\r\n\r\n{{"), Cancellation);
            RawHttp.StatusesOf(announced).ShouldBe([413]);
        }

        var grown = MemoryOf(server) - before;
        output.WriteLine($"{grown / 1024} KiB more");
        grown.ShouldBeLessThan(96 << 20);
        (await server.GetAsync("/health")).Status.ShouldBe(200);
    }

    private static long MemoryOf(LaurelServer server)
    {
        using var process = System.Diagnostics.Process.GetProcessById(server.Process.Id);
        return process.WorkingSet64;
    }
}
