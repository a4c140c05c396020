using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Dapper;
using Laurel.ServerTests.Backups;
using Laurel.ServerTests.Hosting;
using Laurel.ServerTests.SigningIn;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Points;

/// <summary>An adjustment that takes a second person, over HTTP: asked, asked again, approved or rejected, and read.</summary>
public sealed class ApprovingAdjustmentsTests(DatabaseServers cluster)
{
    private const string BossKey = "lk_test_boss_0123456789abcdef0123456789ab";
    private const string OwnerKey = "lk_test_owner_0123456789abcdef0123456789a";
    private const string ClerkKey = "lk_test_clerk_0123456789abcdef0123456789a";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    [Trait("Attack", "D10")]
    public async Task IsPostedOnce_When_AnotherPersonApproves(DatabaseUnderTest database)
    {
        await using var site = await LaurelSite.CreateAsync(database, cluster, Cancellation);
        await using var server = await StartWithKeysAsync(site);
        var member = (await server.RegisterAsync("adjusted")).TextOf("id")!;
        var book = await server.BookAsync(member);

        var asked = await server.AdjustAsync(member, 5_000, "big");
        asked.Outcome.ShouldBe("409 APPROVAL_REQUIRED");
        var id = asked.TextOf("requestId")!;
        (await server.BookAsync(member)).ShouldBe(book);
        (await AskAsync(server, ClerkKey, "/api/points/adjust", LaurelServer.Movement(member, 5_000, "big"))).TextOf("requestId").ShouldBe(id);
        (await server.AdjustAsync(member, 5_001, "big")).Outcome.ShouldBe("409 CONFLICT");

        var approve = $"/api/points/adjustments/{id}/approve";
        var why = new { reason = "The customer is right" };
        (await AskAsync(server, ClerkKey, approve, why)).Outcome.ShouldBe("403 FORBIDDEN");
        (await server.PostAsync(approve, why)).Outcome.ShouldBe("403 APPROVER_NOT_ANOTHER");
        (await AskAsync(server, BossKey, approve, new { })).Faults.ShouldBe(["REQUIRED /reason"]);
        (await AskAsync(server, BossKey, "/api/points/adjustments/7/approve", why)).Outcome.ShouldBe("404 ADJUSTMENT_NOT_FOUND");
        (await AskAsync(server, BossKey, "/api/points/adjustments/x/approve", why)).Outcome.ShouldBe("404 ADJUSTMENT_NOT_FOUND");
        var answers = await AtOnce.RunAsync(8, _ => AskAsync(server, BossKey, approve, why));

        var approved = answers.Single(answer => answer.Status == 200);
        answers.Where(answer => answer.Status != 200).ShouldAllBe(answer => answer.Outcome == "409 ADJUSTMENT_STATE");
        (approved.TextOf("status"), approved.TextOf("askedBy"), approved.TextOf("decidedBy"), approved.TextOf("decisionReason"))
            .ShouldBe(("approved", "administrator", "boss", "The customer is right"));
        var posted = await server.AdjustAsync(member, 5_000, "big");
        (posted.Status, posted.Replayed, posted.EntryIds.Single()).ShouldBe((200, true, approved.TextOf("entryId")));
        (await server.PointsAsync(member)).Available.ShouldBe(5_100);
        (await server.GetAsync($"/api/points/adjustments/{id}")).Text.ShouldBe(approved.Text);
        await site.VerifyAsync(Cancellation);
    }

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task IsNeverPosted_When_ItIsRejected(DatabaseUnderTest database)
    {
        await using var site = await LaurelSite.CreateAsync(database, cluster, Cancellation);
        await using var server = await StartWithKeysAsync(site);
        var member = (await server.RegisterAsync("rejected")).TextOf("id")!;
        var first = (await server.AdjustAsync(member, 900, "first")).TextOf("requestId")!;
        var second = (await server.AdjustAsync(member, 901, "second")).TextOf("requestId")!;

        var rejected = await AskAsync(server, BossKey, $"/api/points/adjustments/{first}/reject", new { reason = "No receipt" });

        (rejected.TextOf("status"), rejected.Json.GetProperty("entryId").ValueKind).ShouldBe(("rejected", JsonValueKind.Null));
        (await server.AdjustAsync(member, 900, "first")).Outcome.ShouldBe("409 ADJUSTMENT_STATE");
        (await server.PointsAsync(member)).Available.ShouldBe(100);
        IdsOf(await server.GetAsync("/api/points/adjustments")).ShouldBe([second, first]);
        IdsOf(await server.GetAsync($"/api/points/adjustments?memberId={member}&status=pending")).ShouldBe([second]);
        IdsOf(await server.GetAsync("/api/points/adjustments?limit=1")).ShouldBe([second]);
        (await server.GetAsync("/api/points/adjustments?status=lost")).Status.ShouldBe(400);
        (await server.GetAsync("/api/points/adjustments/7")).Outcome.ShouldBe("404 ADJUSTMENT_NOT_FOUND");
        await site.VerifyAsync(Cancellation);
    }

    private static string[] IdsOf(Answer page) => [.. page.Json.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("requestId").GetString()!)];

    private static Task<Answer> AskAsync(LaurelServer server, string key, string path, object body)
    {
        var request = LaurelServer.Request(HttpMethod.Post, path, JsonSerializer.SerializeToUtf8Bytes(body, JsonSerializerOptions.Web), LaurelServer.Json);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return server.SendAsync(request);
    }

    /// <summary>Whoever may make keys makes a second one, and is still one person.</summary>
    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    [Trait("Attack", "D10")]
    public async Task IsOneHand_When_TheApproversKeyWasMadeByWhoAsked(DatabaseUnderTest database)
    {
        await using var site = await LaurelSite.CreateAsync(database, cluster, Cancellation);
        await using var server = await StartWithKeysAsync(site);
        var member = (await server.RegisterAsync("adjusted")).TextOf("id")!;
        var scopes = new[] { "points:read", "points:write", "points:approve", "keys:write" };
        var second = await server.PostAsync("/api/keys", new { name = "second", scopes });
        var third = await server.As(second.TextOf("key")!).PostAsync("/api/keys", new { name = "third", scopes });
        var requestId = (await server.AdjustAsync(member, 5_000, "by the first")).TextOf("requestId");
        var approve = $"/api/points/adjustments/{requestId}/approve";
        var why = new { reason = "because" };

        foreach (var key in new[] { second, third })
        {
            (await AskAsync(server, key.TextOf("key")!, approve, why)).Outcome.ShouldBe("403 APPROVER_NOT_ANOTHER");
        }

        // Two people are two, also when one of them made a key; once somebody else has confirmed them whom they were not made by.
        var (ann, ben) = ((await StaffAsync(server, "ann")).Token, (await StaffAsync(server, "ben")).Token);
        var anns = await server.As(ann).PostAsync("/api/keys", new { name = "anns", scopes });
        var asked = await AskAsync(server, ann, "/api/points/adjust", LaurelServer.Movement(member, 6_000, "by ann"));
        var approveAnns = $"/api/points/adjustments/{asked.TextOf("requestId")}/approve";
        (await AskAsync(server, ann, approveAnns, why)).Outcome.ShouldBe("403 APPROVER_NOT_ANOTHER");
        (await AskAsync(server, anns.TextOf("key")!, approveAnns, why)).Outcome.ShouldBe("403 APPROVER_NOT_ANOTHER");
        (await AskAsync(server, ben, approveAnns, why)).TextOf("status").ShouldBe("approved");

        // A key is the hand of whoever gave it its secret last.
        var bosses = await server.PostAsync("/api/keys", new { name = "bosses", scopes });
        var rotated = await server.As(ben).PostAsync($"/api/keys/{bosses.TextOf("id")}/rotate", new { graceHours = 0 });
        (await AskAsync(server, rotated.TextOf("key")!, approve, why)).TextOf("status").ShouldBe("approved");
        await site.VerifyAsync(Cancellation);
    }

    /// <summary>Whoever makes a user, or gives a role, approves nothing by it, however long the chain; another person who knows the user ends that.</summary>
    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    [Trait("Attack", "D10")]
    public async Task IsOneHand_When_TheApproverWasMadeAUserByWhoAsked(DatabaseUnderTest database)
    {
        await using var site = await LaurelSite.CreateAsync(database, cluster, Cancellation);
        await using var server = await StartWithKeysAsync(site);
        var member = (await server.RegisterAsync("adjusted")).TextOf("id")!;
        var why = new { reason = "because" };
        var (ann, ben) = (await StaffAsync(server, "ann"), await StaffAsync(server, "ben"));
        var puppet = await StaffAsync(server, "puppet", by: ann.Token, confirmed: false);
        var puppets = await StaffAsync(server, "puppets-own", by: puppet.Token, confirmed: false);
        var plain = SignedInPerson.Of(await server.PostAsync("/api/auth/register", new { username = "plain", password = SignInCalls.Password }));
        (await server.AsAsync(ann.Token, HttpMethod.Put, $"/api/users/{plain.Id}", new { role = "FINANCE" })).Status.ShouldBe(200);
        var asked = await AskAsync(server, ann.Token, "/api/points/adjust", LaurelServer.Movement(member, 6_000, "by ann"));
        var approve = $"/api/points/adjustments/{asked.TextOf("requestId")}/approve";

        foreach (var token in new[] { puppet.Token, puppets.Token, plain.Token })
        {
            (await AskAsync(server, token, approve, why)).Outcome.ShouldBe("403 APPROVER_NOT_ANOTHER");
        }

        // Nor does one puppet approve what another asked for.
        var askedByPuppet = await AskAsync(server, puppets.Token, "/api/points/adjust", LaurelServer.Movement(member, 7_000, "by a puppet"));
        (await AskAsync(server, plain.Token, $"/api/points/adjustments/{askedByPuppet.TextOf("requestId")}/approve", why)).Outcome.ShouldBe("403 APPROVER_NOT_ANOTHER");

        // Its maker, its maker's other hands and the user itself do not say that it is another; somebody else does.
        foreach (var token in new[] { ann.Token, puppets.Token, puppet.Token })
        {
            (await AskAsync(server, token, $"/api/users/{puppet.Id}/confirm", new { })).Outcome.ShouldBe("403 CONFIRMER_NOT_ANOTHER");
        }

        (await server.GetAsync($"/api/users/{puppet.Id}")).Json.GetProperty("unconfirmed").GetBoolean().ShouldBeTrue();
        var confirmed = await AskAsync(server, ben.Token, $"/api/users/{puppet.Id}/confirm", new { });
        (confirmed.Status, confirmed.Json.GetProperty("unconfirmed").GetBoolean()).ShouldBe((200, false));
        (await AskAsync(server, puppet.Token, approve, why)).TextOf("status").ShouldBe("approved");
        await site.VerifyAsync(Cancellation);
    }

    /// <summary>A key is in the hands of whoever may know its secret, or has given it more.</summary>
    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    [Trait("Attack", "D10")]
    public async Task IsOneHand_When_TheKeyOfWhoAskedIsRotatedOrGivenMore(DatabaseUnderTest database)
    {
        await using var site = await LaurelSite.CreateAsync(database, cluster, Cancellation);
        await using var server = await StartWithKeysAsync(site);
        var member = (await server.RegisterAsync("adjusted")).TextOf("id")!;
        var why = new { reason = "because" };
        var scopes = new[] { "points:read", "points:write", "points:approve" };
        var (ann, ben) = (await StaffAsync(server, "ann"), await StaffAsync(server, "ben"));
        var anns = await server.As(ann.Token).PostAsync("/api/keys", new { name = "anns", scopes });
        var asked = await AskAsync(server, ann.Token, "/api/points/adjust", LaurelServer.Movement(member, 6_000, "by ann"));
        var approve = $"/api/points/adjustments/{asked.TextOf("requestId")}/approve";

        // Ben gives the key another secret, and ann still has the one before.
        var rotated = await server.As(ben.Token).PostAsync($"/api/keys/{anns.TextOf("id")}/rotate", new { graceHours = 1 });
        (await AskAsync(server, anns.TextOf("key")!, approve, why)).Outcome.ShouldBe("403 APPROVER_NOT_ANOTHER");

        // Ann gives a key of somebody else more, and may know its secret for all that is known here.
        var bens = await server.As(ben.Token).PostAsync("/api/keys", new { name = "bens", scopes = new[] { "points:read" } });
        (await server.AsAsync(ann.Token, HttpMethod.Put, $"/api/keys/{bens.TextOf("id")}", new { name = "bens", scopes })).Status.ShouldBe(200);
        (await AskAsync(server, bens.TextOf("key")!, approve, why)).Outcome.ShouldBe("403 APPROVER_NOT_ANOTHER");

        (await AskAsync(server, rotated.TextOf("key")!, approve, why)).TextOf("status").ShouldBe("approved");
        await site.VerifyAsync(Cancellation);
    }

    /// <summary>A user of the staff; confirmed by the owner unless it is not to be.</summary>
    private static async Task<SignedInPerson> StaffAsync(LaurelServer server, string username, string by = LaurelSite.AdministratorKey, bool confirmed = true)
    {
        const string password = "correct horse battery";
        var made = await AskAsync(server, by, "/api/users", new { username, password, role = "SUPER_ADMIN" });
        made.Status.ShouldBe(201);
        if (confirmed)
        {
            (await AskAsync(server, OwnerKey, $"/api/users/{made.TextOf("id")}/confirm", new { })).Status.ShouldBe(200);
        }

        return SignedInPerson.Of(await server.PostAsync("/api/auth/login", new { username, password }));
    }

    /// <summary>A server with four persons: the administrator, an owner, a boss who may approve, and a clerk who may not.</summary>
    private static async Task<LaurelServer> StartWithKeysAsync(LaurelSite site)
    {
        site.Environment["Programme__AdjustPointsAloneMax"] = "500";
        await using (var earlier = await LaurelServer.StartAsync(site, Cancellation))
        {
            await earlier.Process.StopAsync(Cancellation);
        }

        await using (var connection = await SqlOf.ConnectAsync(site, Cancellation))
        {
            const string Insert = "INSERT INTO api_keys (key_hash, tenant_id, name, permissions, created_at) VALUES (@Hash, 1, @Name, @Permissions, 0)";
            var keys = new[] { (OwnerKey, "owner", "*"), (BossKey, "boss", "points:read points:approve"), (ClerkKey, "clerk", "points:read points:write") };
            foreach (var (key, name, permissions) in keys)
            {
                await connection.ExecuteAsync(Insert, new { Hash = SHA256.HashData(Encoding.UTF8.GetBytes(key)), Name = name, Permissions = permissions });
            }
        }

        return await LaurelServer.StartAsync(site, Cancellation);
    }
}
