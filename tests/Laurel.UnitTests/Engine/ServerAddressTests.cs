using Laurel.Engine.Sql;
using MySql.Data.MySqlClient;
using Npgsql;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Engine;

public sealed class ServerAddressTests
{
    [Fact]
    public void EveryPartIsRead_When_ItIsAUrl()
    {
        var address = ServerAddress.Postgres("postgresql://lau%40rel:p%3Aw%2Fd@db.example:6432/my%20mall?sslmode=verify-full&sslrootcert=/etc/ca.pem");

        (address.Host, address.Port, address.Username, address.Password, address.Database).ShouldBe(("db.example", 6432, "lau@rel", "p:w/d", "my mall"));
        address.SslMode.ShouldBe(SslMode.VerifyFull);
        address.RootCertificate.ShouldBe("/etc/ca.pem");
    }

    [Theory]
    [InlineData("mysql://u:p@db/laurel", 3306, MySqlSslMode.Preferred)]
    [InlineData("mariadb://u:p@db:3307/laurel?sslmode=none", 3307, MySqlSslMode.None)]
    [InlineData("mysql://u:p@db/laurel?sslmode=require", 3306, MySqlSslMode.Required)]
    [InlineData("mysql://u:p@db/laurel?sslmode=Verify-Full", 3306, MySqlSslMode.VerifyFull)]
    public void TheModeIsRead_When_ItIsAUrlOfMySql(string url, int port, MySqlSslMode mode)
    {
        var address = ServerAddress.MySql(url);

        address.Port.ShouldBe((uint)port);
        address.SslMode.ShouldBe(mode);
    }

    [Fact]
    public void TheDriverReadsIt_When_ItIsAConnectionString()
    {
        ServerAddress.Postgres("Host=db;Username=u;SSL Mode=Require").SslMode.ShouldBe(SslMode.Require);
        ServerAddress.MySql("server=db;user id=u;sslmode=Required").SslMode.ShouldBe(MySqlSslMode.Required);
    }

    /// <summary>Passed over, <c>sslmod=verify-full</c> would connect without verifying anything.</summary>
    [Theory]
    [InlineData("postgresql://u:secret@db/laurel?sslmod=verify-full", "sslmod")]
    [InlineData("postgresql://u:secret@db/laurel?sslmode=verify", "verify-full")]
    [InlineData("Host=db;Nonsense=secret", "connection string")]
    public void ItIsRefusedAndNoPasswordTold_When_AnOptionIsNotUnderstood(string address, string named)
    {
        var refusal = Should.Throw<FormatException>(() => ServerAddress.Postgres(address));

        refusal.Message.ShouldContain(named);
        refusal.Message.ShouldNotContain("secret");
    }

    [Theory]
    [InlineData("mysql://u:secret@db/laurel?ssl=1", "ssl")]
    [InlineData("mysql://u:secret@db/laurel?sslmode=on", "verify-full")]
    [InlineData("server=db;nonsense=secret", "connection string")]
    public void ItIsRefusedAndNoPasswordTold_When_AnOptionOfMySqlIsNotUnderstood(string address, string named)
    {
        var refusal = Should.Throw<FormatException>(() => ServerAddress.MySql(address));

        refusal.Message.ShouldContain(named);
        refusal.Message.ShouldNotContain("secret");
    }
}
