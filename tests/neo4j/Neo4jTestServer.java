import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import org.neo4j.configuration.connectors.ConnectorPortRegister;
import org.neo4j.configuration.connectors.ConnectorType;
import org.neo4j.dbms.api.DatabaseManagementService;
import org.neo4j.dbms.api.DatabaseManagementServiceBuilder;
import org.neo4j.kernel.internal.GraphDatabaseAPI;

/**
 * Runs a Neo4j Community server until its process is told to stop.
 *
 * java -cp 'target/lib/*' Neo4jTestServer.java HOME, run from source. HOME/conf/neo4j.conf is there
 * already; $NEO4J_PASSWORD becomes the password of the user neo4j. Once the database takes work,
 * HOME/run/bolt holds host:port.
 */
public final class Neo4jTestServer {
    public static void main(String[] args) throws Exception {
        Path home = Path.of(args[0]).toAbsolutePath();
        DatabaseManagementService server = new DatabaseManagementServiceBuilder(home)
                .loadPropertiesFromFile(home.resolve("conf").resolve("neo4j.conf"))
                .build();
        Runtime.getRuntime().addShutdownHook(new Thread(server::shutdown, "stop-neo4j"));
        setPassword(server, System.getenv("NEO4J_PASSWORD"));

        GraphDatabaseAPI database = (GraphDatabaseAPI) server.database("neo4j");
        if (!database.isAvailable(60_000)) {
            System.err.println("the database neo4j did not become available");
            System.exit(3);
        }
        var address = database.getDependencyResolver()
                .resolveDependency(ConnectorPortRegister.class)
                .getLocalAddress(ConnectorType.BOLT);
        Path part = home.resolve("run").resolve("bolt.part");
        Files.writeString(part, address.getHost() + ":" + address.getPort() + "\n");
        Files.move(part, part.resolveSibling("bolt"), StandardCopyOption.ATOMIC_MOVE);
        Thread.currentThread().join();
    }

    private static void setPassword(DatabaseManagementService server, String password) {
        String command = "ALTER USER neo4j SET PASSWORD $password CHANGE NOT REQUIRED";
        try {
            server.database("system").executeTransactionally(command, Map.of("password", password));
        } catch (RuntimeException error) {
            // A server that was started before on the same folder has it already.
            if (!String.valueOf(error.getMessage()).contains("cannot be the same")) {
                throw error;
            }
        }
    }
}
