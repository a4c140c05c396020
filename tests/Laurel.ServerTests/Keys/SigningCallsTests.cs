using System.Globalization;
using System.Text;
using Laurel.ServerTests.Hosting;
using Laurel.ServerTests.Operations;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Keys;

/// <summary>Calls that are signed instead of presenting a key.</summary>
public sealed class SigningCallsTests(DatabaseServers cluster)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    [Trait("Attack", "E9")]
    public async Task AreAdmittedOnce_When_TheyAreSignedAsTheyAreSent(DatabaseUnderTest database)
    {
        await using var site = await LaurelSite.CreateAsync(database, cluster, Cancellation);
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        var key = await server.MakeSigningKeyAsync("members:read", "members:write");
        var body = KeyCalls.BytesOf(new { externalId = "小林" });
        var nonce = "nonce-of-this-call";

        var (method, now) = (HttpMethod.Post, TimeProvider.System.GetUtcNow());
        (await server.SendAsync(KeyCalls.Signed(key, method, "/api/members", body, now, nonce))).Status.ShouldBe(201);
        (await server.SendAsync(KeyCalls.Signed(key, method, "/api/members", body, now, nonce))).Outcome.ShouldBe("401 SIGNATURE_REPLAYED");
        (await server.SendAsync(KeyCalls.Signed(key, HttpMethod.Get, "/api/members?limit=5&externalId=%E5%B0%8F%E6%9E%97", null))).Status.ShouldBe(200);
        (await server.SendAsync(KeyCalls.Signed(key, HttpMethod.Get, "/api/keys", null))).Outcome.ShouldBe("403 FORBIDDEN");
        (await server.GetWithAsync(key.Key, "/api/members")).Outcome.ShouldBe("401 UNAUTHORIZED", "what signs is never presented");

        var answers = await AtOnce.RunAsync(20, _ => server.SendAsync(KeyCalls.Signed(key, HttpMethod.Get, "/api/members", null, now, "the-same-for-twenty")));
        answers.Select(answer => answer.Outcome).Order().ShouldBe([.. Enumerable.Repeat("200", 1), .. Enumerable.Repeat("401 SIGNATURE_REPLAYED", 19)]);
        await site.VerifyAsync(Cancellation);
    }

    [Fact]
    public async Task ChangeNothing_When_AnythingOfThemWasChanged()
    {
        await using var site = await LaurelSite.CreateAsync(DatabaseUnderTest.Sqlite, cluster, Cancellation);
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        var key = await server.MakeSigningKeyAsync("*");
        var other = await server.MakeSigningKeyAsync("*");
        var (body, altered) = (KeyCalls.BytesOf(new { externalId = "a" }), KeyCalls.BytesOf(new { externalId = "b" }));
        var now = TimeProvider.System.GetUtcNow();
        const string Path = "/api/members";
        HttpRequestMessage Call(Func<string, string> change)
        {
            var request = KeyCalls.Signed(key, HttpMethod.Post, Path, body);
            var header = request.Headers.GetValues("Authorization").Single();
            request.Headers.Remove("Authorization");
            request.Headers.TryAddWithoutValidation("Authorization", change(header));
            return request;
        }

        (string Name, HttpRequestMessage Request, string Code)[] calls =
        [
            ("body", KeyCalls.Signed(key, HttpMethod.Post, Path, altered, signedBody: body), "SIGNATURE_INVALID"),
            ("no body", KeyCalls.Signed(key, HttpMethod.Post, Path, [], signedBody: body), "SIGNATURE_INVALID"),
            ("path", KeyCalls.Signed(key, HttpMethod.Post, Path, body, signedPath: "/api/keys"), "SIGNATURE_INVALID"),
            ("query", KeyCalls.Signed(key, HttpMethod.Get, Path + "?limit=5", null, signedPath: Path), "SIGNATURE_INVALID"),
            ("secret of another", KeyCalls.Signed((key.Id, other.Key), HttpMethod.Post, Path, body), "SIGNATURE_INVALID"),
            ("unknown key", KeyCalls.Signed(("7", key.Key), HttpMethod.Post, Path, body), "SIGNATURE_INVALID"),
            ("nonce", Call(header => header.Replace("nonce=", "nonce=x", StringComparison.Ordinal)), "SIGNATURE_INVALID"),
            ("timestamp", Call(header => header.Replace("timestamp=1", "timestamp=2", StringComparison.Ordinal)), "SIGNATURE_INVALID"),
            ("twice", Call(header => header + ", nonce=0123456789abcdef"), "SIGNATURE_INVALID"),
            ("nothing", Call(_ => "LAUREL-HMAC-SHA256 "), "SIGNATURE_INVALID"),
            ("long", Call(header => header + new string('a', 600)), "SIGNATURE_INVALID"),
            ("short nonce", KeyCalls.Signed(key, HttpMethod.Post, Path, body, nonce: "short"), "SIGNATURE_INVALID"),
            ("old", KeyCalls.Signed(key, HttpMethod.Post, Path, body, now.AddSeconds(-310)), "SIGNATURE_STALE"),
            ("new", KeyCalls.Signed(key, HttpMethod.Post, Path, body, now.AddSeconds(310)), "SIGNATURE_STALE"),
        ];
        foreach (var (name, request, code) in calls)
        {
            (await server.SendAsync(request)).Outcome.ShouldBe("401 " + code, name);
        }

        (await server.GetAsync(Path)).Json.GetProperty("items").GetArrayLength().ShouldBe(0);
        (await server.SendAsync(KeyCalls.Signed(key, HttpMethod.Post, Path, body, now.AddSeconds(-290)))).Status.ShouldBe(201, "within the tolerance");
        var metrics = new Exposition((await server.GetAsync("/metrics")).Text);
        metrics["member_signatures_refused_total{code=\"SIGNATURE_STALE\"}"].ShouldBe(2);
        metrics["member_signatures_refused_total{code=\"SIGNATURE_INVALID\"}"].ShouldBe(12);
    }

    [Fact]
    public async Task CountUnderBothSecrets_When_TheKeyIsBeingRotated()
    {
        await using var site = await LaurelSite.CreateAsync(DatabaseUnderTest.Sqlite, cluster, Cancellation);
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        var key = await server.MakeSigningKeyAsync("members:read");
        Task<Answer> CallAsync(string secret) => server.SendAsync(KeyCalls.Signed((key.Id, secret), HttpMethod.Get, "/api/members", null));
        (await CallAsync(key.Key)).Status.ShouldBe(200);

        var second = (await server.PostAsync($"/api/keys/{key.Id}/rotate", new { graceHours = 1 })).TextOf("key")!;
        (await CallAsync(key.Key)).Status.ShouldBe(200);
        (await CallAsync(second)).Status.ShouldBe(200);
        var third = (await server.PostAsync($"/api/keys/{key.Id}/rotate", new { graceHours = 0 })).TextOf("key")!;

        (await CallAsync(second)).Status.ShouldBe(401);
        (await CallAsync(third)).Status.ShouldBe(200);
        await site.VerifyAsync(Cancellation);
    }

    [Theory]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task AreAdmittedOnce_When_TwoNodesAreSentTheSame(DatabaseUnderTest database)
    {
        await using var site = await LaurelSite.CreateAsync(database, cluster, Cancellation);
        await using var first = await LaurelServer.StartAsync(site, Cancellation);
        await using var second = await LaurelServer.StartAsync(site, Cancellation);
        var key = await first.MakeSigningKeyAsync("members:read", "members:write");
        for (var round = 0; round < 10; round++)
        {
            var (now, nonce) = (TimeProvider.System.GetUtcNow(), string.Create(CultureInfo.InvariantCulture, $"nonce-of-round-{round:0000}"));
            var body = KeyCalls.BytesOf(new { externalId = nonce });
            var answers = await AtOnce.RunAsync(8, i =>
                (i % 2 == 0 ? first : second).SendAsync(KeyCalls.Signed(key, HttpMethod.Post, "/api/members", body, now, nonce)));
            answers.Count(answer => answer.Status == 201).ShouldBe(1);
            answers.Count(answer => answer.Code == "SIGNATURE_REPLAYED").ShouldBe(7);
        }

        (await first.GetAsync("/api/members")).Json.GetProperty("items").GetArrayLength().ShouldBe(10);
    }

    /// <summary>What a person makes with curl's companions and what Laurel reckons are the same.</summary>
    [Fact]
    public async Task AreAdmitted_When_OpenSslSignedThem()
    {
        await using var site = await LaurelSite.CreateAsync(DatabaseUnderTest.Sqlite, cluster, Cancellation);
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        var key = await server.MakeSigningKeyAsync("members:write");
        var body = """{"externalId":"by openssl"}""";
        var script = """
            digest=$(printf %s "$BODY" | openssl dgst -sha256 -r | cut -d' ' -f1)
            timestamp=$(date +%s)
            nonce=$(openssl rand -hex 16)
            signature=$(printf 'LAUREL-HMAC-SHA256\nPOST\n/api/members\n%s\n%s\n%s' "$digest" "$timestamp" "$nonce" | openssl dgst -sha256 -hmac "$SECRET" -r | cut -d' ' -f1)
            printf %s "LAUREL-HMAC-SHA256 key=$KEY, timestamp=$timestamp, nonce=$nonce, digest=$digest, signature=$signature"
            """;
        var signed = await ChildProcess.RunAsync(
            new ChildProgram
            {
                File = "sh",
                Arguments = ["-c", script],
                Environment = new Dictionary<string, string?> { ["BODY"] = body, ["SECRET"] = key.Key, ["KEY"] = key.Id },
                Folder = site.DataFolder,
            },
            Cancellation);
        signed.ExitCode.ShouldBe(0, signed.Errors);
        var request = LaurelServer.Request(HttpMethod.Post, "/api/members", Encoding.UTF8.GetBytes(body), LaurelServer.Json);
        request.Headers.TryAddWithoutValidation("Authorization", signed.Output.Trim());

        (await server.SendAsync(request)).Status.ShouldBe(201);
    }
}
