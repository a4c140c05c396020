using System.Security.Cryptography;
using System.Text.Json;
using Laurel.Platform.Vault;
using Laurel.ServerTests.Hosting;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Vault;

/// <summary>D6: nodes that were not started again in the right order neither meet what they cannot open nor put back what was moved.</summary>
public sealed class AgreeingOnMasterKeysTests(DatabaseServers cluster)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [Trait("Attack", "D6")]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task LosesNothing_When_NodesAreStartedAgainInTheWrongOrder(DatabaseUnderTest database)
    {
        await using var site = await LaurelSite.CreateAsync(database, cluster, Cancellation);
        site.Environment["Jobs__rewrap"] = "1";
        string first;
        await using (var behind = await LaurelServer.StartAsync(site, Cancellation))
        {
            first = KeysOf(await File.ReadAllTextAsync(Path.Combine(site.DataFolder, "keys", "master.json"), Cancellation));
            (await site.RunVerbAsync(Cancellation, "vault", "add", "second")).ExitCode.ShouldBe(0);

            await RefusedAsync(site, "has not the key 'second'", "vault", "use", "second");
            await PutInFrontAsync(site, "second");
            await RefusedAsync(site, "has not the master key 'second'", "serve", "--urls", "http://127.0.0.1:0");
            await PutInFrontAsync(site, "first");
        }

        var behindToo = await LaurelServer.StartAsync(site, Cancellation);
        await using var ahead = await StartAheadAsync(site);
        var members = new[] { await MemberAsync(behindToo, "13800000001"), await MemberAsync(ahead, "13800000002") };

        // Nothing is moved either way while the two differ, and the old key stays.
        (await site.RunVerbAsync(Cancellation, "vault", "rewrap")).Output.ShouldStartWith("0 values");
        await RefusedAsync(site, "seals under", "vault", "drop", "first");
        var check = await site.RunVerbAsync(Cancellation, "vault", "check");
        check.ExitCode.ShouldBe(1);
        check.Output.ShouldContain("seals under 'first' until it is started again");
        await behindToo.DisposeAsync();

        await Eventually.HoldsAsync(async () => (await site.RunVerbAsync(Cancellation, "vault", "check")).ExitCode == 0, "values are left under the old key");
        (await site.RunVerbAsync(Cancellation, "vault", "drop", "first")).ExitCode.ShouldBe(0);
        site.Environment["LAUREL_MASTER_KEYS"] = first;
        await RefusedAsync(site, "seals under the master key 'second', which is not here", "serve", "--urls", "http://127.0.0.1:0");
        site.Environment["LAUREL_MASTER_KEYS"] = null;
        await using var last = await LaurelServer.StartAsync(site, Cancellation);
        foreach (var member in members)
        {
            (await last.MemberAsync(member)).TextOf("phone").ShouldNotBeNull().ShouldStartWith("138****");
        }
    }

    private static async Task<LaurelServer> StartAheadAsync(LaurelSite site)
    {
        (await site.RunVerbAsync(Cancellation, "vault", "use", "second")).ExitCode.ShouldBe(0);
        return await LaurelServer.StartAsync(site, Cancellation);
    }

    private static async Task<string> MemberAsync(LaurelServer server, string phone)
    {
        var made = await server.PostAsync("/api/members", new { externalId = phone, phone });
        made.Status.ShouldBe(201, made.Text);
        return made.TextOf("id")!;
    }

    private static async Task RefusedAsync(LaurelSite site, string why, params IReadOnlyList<string> verb)
    {
        var outcome = await site.RunVerbAsync(Cancellation, verb);
        outcome.ExitCode.ShouldBe(2, outcome.Output + outcome.Errors);
        outcome.Errors.ShouldContain(why);
    }

    // As whoever changes the file by hand, asking nobody.
    private static async Task PutInFrontAsync(LaurelSite site, string id)
    {
        using var random = RandomNumberGenerator.Create();
        await new MasterKeyChanges(site.DataFolder, new OpenMasterKeys(), random).UseAsync(id);
    }

    private static string KeysOf(string file)
    {
        using var document = JsonDocument.Parse(file);
        var (keys, index) = (document.RootElement.GetProperty("masterKeys"), document.RootElement.GetProperty("indexKey"));
        return string.Join(',', [.. keys.EnumerateArray().Select(key => $"{key.GetProperty("id")}:{key.GetProperty("key")}"), $"index:{index}"]);
    }
}
