using Laurel.Membership.Verification;
using Laurel.Server.Hosting;
using Shouldly;
using Xunit;

namespace Laurel.ContractTests.Verification;

public sealed class UserHistoryDatabase : SpoilableDatabase
{
    protected override Task WriteAsync(LaurelNode node) => Task.CompletedTask;
}

/// <summary>I28: sound users pass; one thing changed by hand is found.</summary>
public sealed class VerifyingUsersTests(UserHistoryDatabase database) : IClassFixture<UserHistoryDatabase>
{
    private const string Sound = """
        INSERT INTO users (tenant_id, id, is_member, username, role, status, password_hash, password_at, signed_in_since, totp_step, created_at, names_bound)
            VALUES (1, 7, 0, 'olivia', 'OPERATOR', 'active', 'x', 1, 0, 0, 0, 2), (1, 8, 0, 'oscar', 'OPERATOR', 'active', NULL, NULL, 0, 0, 0, 1);
        INSERT INTO sign_in_names (tenant_id, id, name_hash, kind, user_id, label, bound_at, shown_by) VALUES
            (1, 70, x'00000000000000000000000000000001', 'username', 7, 'olivia', 0, 'chosen'), (1, 80, x'00000000000000000000000000000002', 'username', 8, 'oscar', 0, 'chosen'),
            (1, 90, x'00000000000000000000000000000003', 'phone', 7, '+861****8000', 0, 'provider');
        INSERT INTO sessions (tenant_id, id, user_id, secret, generation, created_at, used_at, expires_at) VALUES (1, 71, 7, x'00', 0, 0, 0, 9);

        """;

    public static TheoryData<string, string> Corruptions => new()
    {
        { "UPDATE users SET is_member = 1 WHERE id = 7", "users" },
        { "UPDATE users SET password_at = NULL WHERE id = 7", "users" },
        { "UPDATE users SET password_at = 5 WHERE id = 8", "users" },
        { "DELETE FROM sign_in_names WHERE id = 80", "sign_in_names" },
        { "UPDATE sign_in_names SET user_id = NULL WHERE id = 80", "sign_in_names" },
        { "UPDATE sign_in_names SET user_id = NULL WHERE id = 90", "sign_in_names" },
        { "DELETE FROM sign_in_names WHERE id = 70", "sign_in_names" },
        { "UPDATE sign_in_names SET shown_by = 'code' WHERE id = 70", "sign_in_names" },
        { "UPDATE sign_in_names SET shown_by = 'chosen' WHERE id = 90", "sign_in_names" },
        { "UPDATE sign_in_names SET kind = 'email' WHERE id = 90", "sign_in_names" },
        { "UPDATE sign_in_names SET kind = 'wechat', shown_by = 'code' WHERE id = 90", "sign_in_names" },
        { "UPDATE users SET names_bound = 1 WHERE id = 7", "users" },
        { "UPDATE sessions SET epoch = 1 WHERE id = 71", "sessions" },
        { "UPDATE sessions SET epoch = -1 WHERE id = 71", "sessions" },
        { "UPDATE sign_in_names SET tenant_id = 2 WHERE id = 80", "sign_in_names" },
        { "UPDATE sign_in_names SET user_id = 9 WHERE id = 90", "sign_in_names" },
        { "UPDATE sessions SET user_id = 9 WHERE id = 71", "sessions" },
        { "UPDATE sessions SET tenant_id = 2 WHERE id = 71", "sessions" },
        { "UPDATE sessions SET ended_at = 5 WHERE id = 71", "sessions" },
    };

    [Theory]
    [MemberData(nameof(Corruptions))]
    public async Task IsFoundUnderItsInvariant_When_OneThingIsChanged(string sql, string table)
    {
        var copy = database.Copy();
        (await SmallDatabase.SpoilAsync(copy, Sound + sql)).ShouldBeGreaterThan(0);

        var report = await SmallDatabase.VerifyAsync(copy);

        report.Invariants.Single(invariant => invariant.Code == InvariantCode.I28).Offences.ShouldContain(offence => offence.Table == table);
    }

    [Fact]
    public async Task Holds_When_UsersAreSound()
    {
        var copy = database.Copy();
        (await SmallDatabase.SpoilAsync(copy, Sound)).ShouldBeGreaterThan(0);

        var report = await SmallDatabase.VerifyAsync(copy);

        report.Holds.ShouldBeTrue(string.Join("; ", report.Invariants.SelectMany(invariant => invariant.Offences)));
        report.Invariants.Single(invariant => invariant.Code == InvariantCode.I28).Checked.ShouldBe(2);
    }
}
