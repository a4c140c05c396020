using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Dapper;
using Laurel.ServerTests.Backups;
using Laurel.ServerTests.Hosting;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Keys;

/// <summary>API keys from making to revoking, on each database.</summary>
public sealed class ManagingKeysTests(DatabaseServers cluster)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task GoTheirWay_When_TheyAreMadeChangedRotatedAndRevoked(DatabaseUnderTest database)
    {
        await using var site = await LaurelSite.CreateAsync(database, cluster, Cancellation);
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        var made = await server.PostAsync("/api/keys", new { name = "shop", scopes = new[] { "points:read", "members:read" }, quota = 500 });
        made.Status.ShouldBe(201);
        var (id, key) = (made.TextOf("id")!, made.TextOf("key")!);
        key.ShouldMatch("^lk_[0-9a-f]{48}$");
        (await server.GetWithAsync(key, "/api/members")).Status.ShouldBe(200);
        (await server.SendWithAsync(key, HttpMethod.Post, "/api/members", new { externalId = "x" })).Outcome.ShouldBe("403 FORBIDDEN");

        (await SendAsync(server, HttpMethod.Put, id, new { name = "till", scopes = new[] { "update:all" } })).Status.ShouldBe(200);
        (await server.GetWithAsync(key, "/api/members")).Outcome.ShouldBe("403 FORBIDDEN", "at once on this node");
        (await server.SendWithAsync(key, HttpMethod.Post, "/api/members", new { externalId = "x" })).Status.ShouldBe(201);
        var shown = await server.GetAsync($"/api/keys/{id}");
        (shown.TextOf("name"), shown.TextOf("key"), shown.Json.GetProperty("quota").ValueKind.ToString()).ShouldBe(("till", null, "Null"));

        var rotated = (await server.PostAsync($"/api/keys/{id}/rotate", new { graceHours = 1 })).TextOf("key")!;
        (await server.SendWithAsync(key, HttpMethod.Post, "/api/members", new { externalId = "y" })).Status.ShouldBe(201, "the old one counts for an hour");
        (await server.SendWithAsync(rotated, HttpMethod.Post, "/api/members", new { externalId = "z" })).Status.ShouldBe(201);
        var again = (await server.PostAsync($"/api/keys/{id}/rotate", new { graceHours = 0 })).TextOf("key")!;
        (await server.GetWithAsync(key, "/api/members")).Status.ShouldBe(401, "the one before the last never counts");
        (await server.GetWithAsync(rotated, "/api/members")).Status.ShouldBe(401, "no time was given");
        (await server.GetWithAsync(again, "/api/members")).Status.ShouldBe(403);
        await site.VerifyAsync(Cancellation);

        (await server.PostAsync($"/api/keys/{id}/revoke", new { })).TextOf("revokedAt").ShouldNotBeNull();
        (await server.PostAsync($"/api/keys/{id}/revoke", new { })).Status.ShouldBe(200);
        (await server.GetWithAsync(again, "/api/members")).Outcome.ShouldBe("401 UNAUTHORIZED");
        (await server.PostAsync($"/api/keys/{id}/rotate", new { })).Outcome.ShouldBe("409 API_KEY_REVOKED");
        (await SendAsync(server, HttpMethod.Put, id, new { name = "till", scopes = Array.Empty<string>() })).Outcome.ShouldBe("409 API_KEY_REVOKED");
        (await server.GetAsync("/api/keys/7")).Outcome.ShouldBe("404 API_KEY_NOT_FOUND");
        (await server.PostAsync("/api/keys/7/revoke", new { })).Outcome.ShouldBe("404 API_KEY_NOT_FOUND");
        var page = (await server.GetAsync("/api/keys?limit=1")).Json;
        page.GetProperty("items")[0].GetProperty("name").GetString().ShouldBe("administrator");
        var next = (await server.GetAsync($"/api/keys?cursor={page.GetProperty("nextCursor").GetString()}")).Json.GetProperty("items");
        next.EnumerateArray().Select(item => item.GetProperty("id").GetString()).ShouldBe([id]);
        await site.VerifyAsync(Cancellation);
    }

    [Theory]
    [InlineData("{}", "REQUIRED /name", "REQUIRED /scopes")]
    [InlineData("""{"name":"a","scopes":["points:fly"]}""", "INVALID_FORMAT /scopes")]
    [InlineData("""{"name":"a","scopes":[],"quota":0}""", "OUT_OF_RANGE /quota")]
    [InlineData("""{"name":"a","scopes":[],"expiresAt":"2020-01-01T00:00:00Z"}""", "INVALID_FORMAT /expiresAt")]
    [InlineData("""{"name":"a","scopes":[],"key":"mine"}""", "UNKNOWN_FIELD /key")]
    public async Task AreRefused_When_TheyAreAskedForWrongly(string body, params string[] faults)
    {
        await using var site = await LaurelSite.CreateAsync(DatabaseUnderTest.Sqlite, cluster, Cancellation);
        await using var server = await LaurelServer.StartAsync(site, Cancellation);

        (await server.PostAsync("/api/keys", body)).Faults.Order().ShouldBe(faults.Order());
    }

    /// <summary>D12: nobody grants what it may not do itself, neither directly nor through a key that may.</summary>
    [Fact]
    [Trait("Attack", "D12")]
    public async Task D12_GrantNothingMore_When_TheirMakerMayLess()
    {
        await using var site = await LaurelSite.CreateAsync(DatabaseUnderTest.Sqlite, cluster, Cancellation);
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        var (_, clerk) = await server.MakeKeyAsync("keys:read", "keys:write", "points:read");
        var (bossId, boss) = await server.MakeKeyAsync("points:approve");
        foreach (var scopes in new[] { new[] { "*" }, ["read:all"], ["points:read", "points:write"] })
        {
            var refused = await server.SendWithAsync(clerk, HttpMethod.Post, "/api/keys", new { name = "more", scopes });
            refused.Outcome.ShouldBe("403 SCOPE_NOT_HELD");
        }

        (await server.SendWithAsync(clerk, HttpMethod.Post, "/api/keys", new { name = "same", scopes = new[] { "points:read", "keys:read" } })).Status.ShouldBe(201);
        (await server.SendWithAsync(clerk, HttpMethod.Post, $"/api/keys/{bossId}/rotate", new { })).Outcome.ShouldBe("403 SCOPE_NOT_HELD");
        (await server.SendWithAsync(clerk, HttpMethod.Put, $"/api/keys/{bossId}", new { name = "mine", scopes = Array.Empty<string>() })).Outcome.ShouldBe("403 SCOPE_NOT_HELD");
        (await server.GetWithAsync(clerk, "/api/keys")).Json.GetProperty("items").EnumerateArray().Count(item => item.GetProperty("name").GetString() == "more").ShouldBe(0);
        (await server.GetWithAsync(boss, "/api/keys")).Outcome.ShouldBe("403 FORBIDDEN");
        (await server.SendWithAsync(clerk, HttpMethod.Post, $"/api/keys/{bossId}/revoke", new { })).Status.ShouldBe(200, "what leaked must not wait");
    }

    [Fact]
    public async Task MayDoWhatTheirListSays_When_EachWordIsTried()
    {
        await using var site = await LaurelSite.CreateAsync(DatabaseUnderTest.Sqlite, cluster, Cancellation);
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        (string Scope, int Members, int Register, int Keys, int ReadOnly)[] matrix =
        [
            ("members:read", 200, 403, 403, 403),
            ("members:write", 403, 400, 403, 403),
            ("keys:read", 403, 403, 200, 403),
            ("read:all", 200, 403, 200, 403),
            ("update:all", 403, 400, 403, 403),
            ("delete:all", 403, 403, 403, 403),
            ("read-only:switch", 403, 403, 403, 200),
            ("*", 200, 400, 200, 200),
        ];
        foreach (var row in matrix)
        {
            var (_, key) = await server.MakeKeyAsync(row.Scope);
            var found = (
                row.Scope,
                (await server.GetWithAsync(key, "/api/members")).Status,
                (await server.SendWithAsync(key, HttpMethod.Post, "/api/members", new { unknown = 1 })).Status,
                (await server.GetWithAsync(key, "/api/keys")).Status,
                (await server.GetWithAsync(key, "/api/admin/read-only")).Status);
            found.ShouldBe(row);
        }
    }

    [Fact]
    public async Task AreNoLongerHonoured_When_TheirTimeIsOver()
    {
        await using var site = await LaurelSite.CreateAsync(DatabaseUnderTest.Sqlite, cluster, Cancellation);
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        var expiresAt = TimeProvider.System.GetUtcNow().AddSeconds(2).ToString("O", CultureInfo.InvariantCulture);
        var key = (await server.PostAsync("/api/keys", new { name = "short", scopes = new[] { "members:read" }, expiresAt })).TextOf("key")!;
        (await server.GetWithAsync(key, "/api/members")).Status.ShouldBe(200, "it is remembered from here on");

        await Eventually.HoldsAsync(async () => (await server.GetWithAsync(key, "/api/members")).Status == 401, "it is honoured past its end");
    }

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [Trait("Attack", "D6")]
    public async Task LoseNoCall_When_TheyAreRotatedUnderLoad(DatabaseUnderTest database)
    {
        await using var site = await LaurelSite.CreateAsync(database, cluster, Cancellation);
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        var (id, key) = await server.MakeKeyAsync("members:read");
        var (current, stop) = (key, false);
        var calls = new int[4];
        var statuses = Task.WhenAll(Enumerable.Range(0, calls.Length).Select(async caller =>
        {
            var seen = new List<int>();
            while (!Volatile.Read(ref stop))
            {
                seen.Add((await server.GetWithAsync(Volatile.Read(ref current), "/api/members?limit=1")).Status);
                Interlocked.Increment(ref calls[caller]);
            }

            return seen;
        }));
        for (var round = 0; round < 8; round++)
        {
            Volatile.Write(ref current, (await server.PostAsync($"/api/keys/{id}/rotate", new { graceHours = 1 })).TextOf("key")!);
            (await server.GetWithAsync(current, "/api/members?limit=1")).Status.ShouldBe(200);

            // The key before the last counts too, the one before that no more: nobody may still be on its way with it.
            var sofar = calls.ToArray();
            await Eventually.HoldsAsync(() => Task.FromResult(calls.Zip(sofar).All(pair => pair.First > pair.Second + 1)), "A caller stands still.");
        }

        Volatile.Write(ref stop, true);
        (await statuses).SelectMany(seen => seen).ShouldAllBe(status => status == 200);
        await site.VerifyAsync(Cancellation);
    }

    [Fact]
    public async Task ShowTheSameSecretAndStoreNone_When_TheCallIsRepeated()
    {
        await using var site = await LaurelSite.CreateAsync(DatabaseUnderTest.Sqlite, cluster, Cancellation);
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        var body = new { name = "shop", scopes = new[] { "members:read" } };
        var first = await server.PostUnderAsync("make", "/api/keys", body);
        var second = await server.PostUnderAsync("make", "/api/keys", body);
        var signer = await server.PostUnderAsync("sign", "/api/keys", new { name = "signer", scopes = new[] { "members:read" }, signed = true });

        (second.Status, second.Replayed, second.TextOf("key")).ShouldBe((201, true, first.TextOf("key")));
        await server.Process.StopAsync(Cancellation);
        foreach (var file in Directory.GetFiles(site.DataFolder, "*", SearchOption.AllDirectories))
        {
            var text = Encoding.Latin1.GetString(await File.ReadAllBytesAsync(file, Cancellation));
            text.Contains(first.TextOf("key")!, StringComparison.Ordinal).ShouldBeFalse(file);
            text.Contains(signer.TextOf("key")!, StringComparison.Ordinal).ShouldBeFalse(file);
        }
    }

    /// <summary>A canary: whatever is called with a key, nothing of it is written down.</summary>
    [Fact]
    [Trait("Attack", "E8")]
    public async Task LeaveNoTraceInLogs_When_EverythingIsLogged()
    {
        await using var site = await LaurelSite.CreateAsync(DatabaseUnderTest.Sqlite, cluster, Cancellation);
        site.Environment["LAUREL_LOG_LEVEL"] = "debug";
        var secrets = new List<string>();
        string console;
        await using (var server = await LaurelServer.StartAsync(site, Cancellation))
        {
            var (id, key) = await server.MakeKeyAsync("members:read");
            var signer = await server.MakeSigningKeyAsync("members:read");
            var rotated = (await server.PostAsync($"/api/keys/{id}/rotate", new { })).TextOf("key")!;
            (await server.GetWithAsync(rotated, "/api/members")).Status.ShouldBe(200);
            (await server.SendAsync(KeyCalls.Signed(signer, HttpMethod.Get, "/api/members", null))).Status.ShouldBe(200);
            (await server.GetWithAsync(key + "x", "/api/members")).Status.ShouldBe(401);
            secrets.AddRange([key, rotated, signer.Key]);
            await server.Process.StopAsync(Cancellation);
            console = server.Process.Output + server.Process.Errors;
        }

        var logs = string.Concat(Directory.GetFiles(site.DataFolder, "*.log*", SearchOption.AllDirectories).Concat(
            Directory.Exists(Path.Combine(site.DataFolder, "logs")) ? Directory.GetFiles(Path.Combine(site.DataFolder, "logs")) : []).Select(File.ReadAllText));
        (console + logs).Length.ShouldBeGreaterThan(0);
        foreach (var secret in secrets)
        {
            (console + logs).Contains(secret[3..], StringComparison.Ordinal).ShouldBeFalse();
            (console + logs).Contains(Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(secret))), StringComparison.OrdinalIgnoreCase).ShouldBeFalse();
        }
    }

    [Fact]
    public async Task AreMadeAndEndedByTheCommandLine_When_TheAdministratorsIsLost()
    {
        await using var site = await LaurelSite.CreateAsync(DatabaseUnderTest.Sqlite, cluster, Cancellation);
        (await site.RunVerbAsync(Cancellation, "keys", "create", "--scope", "points:fly")).ExitCode.ShouldBe(1);
        var made = await site.RunVerbAsync(Cancellation, "keys", "create", "--name", "rescue");
        made.ExitCode.ShouldBe(0, made.Errors);
        var key = made.Output.Split('\n').Single(line => line.StartsWith("lk_", StringComparison.Ordinal)).Trim();
        string id;
        await using (var server = await LaurelServer.StartAsync(site, Cancellation))
        {
            var items = (await server.GetWithAsync(key, "/api/keys")).Json.GetProperty("items");
            id = items.EnumerateArray().Single(item => item.GetProperty("name").GetString() == "rescue").GetProperty("id").GetString()!;
            await server.Process.StopAsync(Cancellation);
        }

        (await site.RunVerbAsync(Cancellation, "keys", "list")).Output.ShouldContain("rescue");
        (await site.RunVerbAsync(Cancellation, "keys", "revoke", id)).ExitCode.ShouldBe(0);
        (await site.RunVerbAsync(Cancellation, "keys", "revoke", "7")).ExitCode.ShouldBe(2);
        await using var again = await LaurelServer.StartAsync(site, Cancellation);
        (await again.GetWithAsync(key, "/api/keys")).Status.ShouldBe(401);
    }

    [Fact]
    public async Task AreMadeForATenant_When_ItsAdministratorsIsLost()
    {
        await using var site = await LaurelSite.CreateAsync(DatabaseUnderTest.Sqlite, cluster, Cancellation);
        await using (var server = await LaurelServer.StartAsync(site, Cancellation))
        {
            (await server.PostAsync("/api/tenants", new { code = "red", name = "Red" })).Status.ShouldBe(201);
            await server.Process.StopAsync(Cancellation);
        }

        (await site.RunVerbAsync(Cancellation, "keys", "create", "--tenant", "blue")).ExitCode.ShouldBe(2);
        var made = await site.RunVerbAsync(Cancellation, "keys", "create", "--name", "rescue", "--tenant", "red");
        var key = made.Output.Split('\n').Single(line => line.StartsWith("lk_", StringComparison.Ordinal)).Trim();
        (await site.RunVerbAsync(Cancellation, "keys", "list")).Output.ShouldNotContain("rescue");
        (await site.RunVerbAsync(Cancellation, "keys", "list", "--tenant", "red")).Output.ShouldContain("rescue");
        await using var again = await LaurelServer.StartAsync(site, Cancellation);
        (await again.GetWithAsync(key, "/api/keys")).Json.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("name").GetString())
            .ShouldBe(["administrator", "rescue"], ignoreOrder: true);
        (await again.GetWithAsync(key, "/api/tenants")).Status.ShouldBe(403);
    }

    /// <summary>The administrator's key of the environment is added at each start; one that a rotation replaced must not come back by that.</summary>
    [Fact]
    public async Task StayReplaced_When_TheEnvironmentStillNamesThem()
    {
        await using var site = await LaurelSite.CreateAsync(DatabaseUnderTest.Sqlite, cluster, Cancellation);
        string second, third;
        await using (var server = await LaurelServer.StartAsync(site, Cancellation))
        {
            var id = (await server.GetAsync("/api/keys")).Json.GetProperty("items")[0].GetProperty("id").GetString();
            second = (await server.PostAsync($"/api/keys/{id}/rotate", new { graceHours = 0 })).TextOf("key")!;
            third = (await server.SendWithAsync(second, HttpMethod.Post, $"/api/keys/{id}/rotate", new { graceHours = 0 })).TextOf("key")!;
            await server.Process.StopAsync(Cancellation);
        }

        foreach (var given in new[] { LaurelSite.AdministratorKey, second })
        {
            site.Environment["LAUREL_ADMIN_KEY"] = given;
            await using var server = await LaurelServer.StartAsync(site, Cancellation);
            (await server.GetWithAsync(given, "/api/keys")).Status.ShouldBe(401);
            (await server.GetWithAsync(third, "/api/keys")).Json.GetProperty("items").GetArrayLength().ShouldBe(1);
            await server.Process.StopAsync(Cancellation);
        }
    }

    [Theory]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task EndOnTheOtherNodeWithinFiveSeconds_When_TheyAreRevokedOnOne(DatabaseUnderTest database)
    {
        await using var site = await LaurelSite.CreateAsync(database, cluster, Cancellation);
        await using var first = await LaurelServer.StartAsync(site, Cancellation);
        await using var second = await LaurelServer.StartAsync(site, Cancellation);
        var (id, key) = await first.MakeKeyAsync("members:read");
        var signer = await first.MakeSigningKeyAsync("members:read");
        (await second.GetWithAsync(key, "/api/members")).Status.ShouldBe(200);
        (await second.SendAsync(KeyCalls.Signed(signer, HttpMethod.Get, "/api/members", null))).Status.ShouldBe(200);

        await first.PostAsync($"/api/keys/{id}/revoke", new { });
        await first.PostAsync($"/api/keys/{signer.Id}/revoke", new { });
        (await first.GetWithAsync(key, "/api/members")).Status.ShouldBe(401, "at once here");
        var took = await Eventually.HoldsAsync(async () =>
            (await second.GetWithAsync(key, "/api/members")).Status == 401
            && (await second.SendAsync(KeyCalls.Signed(signer, HttpMethod.Get, "/api/members", null))).Status == 401, "the other node honours them");
        took.ShouldBeLessThan(TimeSpan.FromSeconds(5));
        await using var connection = await SqlOf.ConnectAsync(site, Cancellation);
        (await connection.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM access_changes")).ShouldBe(4);
    }

    private static Task<Answer> SendAsync(LaurelServer server, HttpMethod method, string id, object body) =>
        server.SendAsync(method, $"/api/keys/{id}", KeyCalls.BytesOf(body), LaurelServer.Json);
}
